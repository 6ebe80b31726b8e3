import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest looks for it
export default defineConfig({
  test: {
    include: ["e2e/*.test.ts"],
    // Real processes and a real browser: a test waits for what it wants to see, and this is how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // They wait more than they work.
    maxWorkers: 3,
  },
});
