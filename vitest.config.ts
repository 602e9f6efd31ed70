import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { countReporter } from "./test/support/count-reporter.ts";

/** What looks at the whole of the sources, and needs no real part. */
const house = ["test/architecture.test.ts", "test/fuzz/parsers.test.ts"];

const unit = ["src/**/*.test.ts"];
const fakeClock = globSync(unit).filter((path) => readFileSync(path, "utf8").includes("useFakeTimers"));

export default defineConfig({
  test: {
    testTimeout: 60_000,
    // A program that is not built yet is built by the first hook that asks for it.
    hookTimeout: 600_000,
    maxWorkers: 2,
    setupFiles: "test/frozen.ts",
    reporters: ["default", countReporter],
    projects: [
      // Nothing that a test beside the code does outlasts it, so the modules are loaded once for all of them; but where the clock is
      // a fake, modules remember its times, and are not for those that go by the real one.
      { extends: true, test: { name: "unit", include: unit, exclude: fakeClock, isolate: false } },
      { extends: true, test: { name: "unit, fake clock", include: fakeClock, isolate: false } },
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
