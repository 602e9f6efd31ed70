import { defineConfig } from "vitest/config";
import { countReporter } from "./test/support/count-reporter.ts";

/** What looks at the whole of the sources, and needs no real part. */
const house = ["test/architecture.test.ts", "test/fuzz/parsers.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // A program that is not built yet is built by the first hook that asks for it.
    hookTimeout: 600_000,
    maxWorkers: 2,
    setupFiles: "test/frozen.ts",
    reporters: ["default", countReporter],
    projects: [
      // Nothing that a test beside the code does outlasts it, so the modules are loaded once for all of them.
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"], isolate: false } },
      { extends: true, test: { name: "house", include: house } },
      {
        extends: true,
        test: {
          name: "real parts",
          // A dozen real programs on two noisy cores: what needs a second try is named at the end of the run.
          retry: 1,
          include: ["test/**/*.test.ts"],
          exclude: house,
          globalSetup: "test/setup.ts",
        },
      },
    ],
  },
});
