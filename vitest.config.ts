import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Much of what is tested waits for processes, sockets and clocks.
    maxWorkers: 2,
    reporters: ["default", "json"],
    outputFile: { json: "coverage/tests.json" },
  },
});

export default config;
