import { defineConfig } from "vitest/config";
import { countReporter } from "./test/support/count-reporter.ts";

const architecture = "test/architecture.test.ts";

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // A program that is not built yet is built by the first hook that asks for it.
    hookTimeout: 600_000,
    maxWorkers: 2,
    reporters: ["default", countReporter],
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts", architecture] } },
      {
        extends: true,
        test: {
          name: "real parts",
          include: ["test/**/*.test.ts"],
          exclude: [architecture],
          globalSetup: "test/setup.ts",
        },
      },
    ],
  },
});
