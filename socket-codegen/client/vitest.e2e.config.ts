import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest looks for it
export default defineConfig({
  test: {
    include: ["e2e/*.test.ts"],
    // Real processes and a real browser: a test waits for what it wants to see, and this is how long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser on a busy machine may miss one event; what fails twice is ours. A retry is reported as one.
    retry: 1,
    // They wait more than they work.
    maxWorkers: 3,
  },
});
