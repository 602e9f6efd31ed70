import type { Reporter, TestModule } from "vitest/node";

/** A reporter for vitest that ends a run with one plain line for machines: `12 passed, 0 failed`. */
export const countReporter: Reporter = {
  // What failed outside of any test, a file that does not load or a hook among it, counts as one failure each.
  onTestRunEnd: (modules, unhandledErrors) => {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.reduce((sum, suite) => sum + suite.errors().length, unhandledErrors.length);
    const count = (wanted: string): number => states.filter((state) => state === wanted).length;
    for (const name of modules.flatMap(flaky)) process.stdout.write(`needed a second try: ${name}\n`);
    process.stdout.write(`${count("passed")} passed, ${count("failed") + broken} failed\n`);
  },
};

/** A test that passed only when it was run again: nobody loses a day to it, and nobody overlooks it. */
function flaky(module: TestModule): readonly string[] {
  return [...module.children.allTests()]
    .filter((test) => test.diagnostic()?.flaky === true)
    .map((test) => `${module.relativeModuleId} > ${test.fullName}`);
}
