import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: vitest looks for it
export default defineConfig({
  test: { include: ["test/*.test.ts", "test/guide/**/*.test.ts"], setupFiles: ["test/setup.ts"] },
});
