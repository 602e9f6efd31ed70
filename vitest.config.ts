import { defineConfig } from "vitest/config";
import { countReporter } from "./test/support/count-reporter.ts";

const architecture = "test/architecture.test.ts";
const fuzz = "test/fuzz/parsers.test.ts";

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // A program that is not built yet is built by the first hook that asks for it.
    hookTimeout: 600_000,
    maxWorkers: 2,
    setupFiles: "test/frozen.ts",
    reporters: ["default", countReporter],
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts", architecture, fuzz] } },
      {
        extends: true,
        test: {
          name: "real parts",
          // A dozen real programs on two noisy cores: what needs a second try is named at the end of the run.
          retry: 1,
          include: ["test/**/*.test.ts"],
          exclude: [architecture, fuzz],
          globalSetup: "test/setup.ts",
        },
      },
    ],
  },
});
