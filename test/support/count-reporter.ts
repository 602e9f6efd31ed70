import type { Reporter, TestCase, TestModule } from "vitest/node";

/**
 * A reporter for vitest that ends a run with what should not be overlooked (what was skipped and why, what needed a second try) and
 * one plain line for machines: `12 passed, 0 failed`.
 */
export const countReporter: Reporter = {
  // What failed outside of any test, a file that does not load or a hook among it, counts as one failure each.
  onTestRunEnd: (modules, unhandledErrors) => {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.reduce((sum, suite) => sum + suite.errors().length, unhandledErrors.length);
    const count = (wanted: string): number => states.filter((state) => state === wanted).length;
    for (const line of [...skipped(modules), ...modules.flatMap(flaky)]) process.stdout.write(`${line}\n`);
    process.stdout.write(`${count("passed")} passed, ${count("failed") + broken} failed\n`);
  },
};

/** How many tests were skipped for each reason, which their titles name: `(skipped without X)`. */
function skipped(modules: readonly TestModule[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const test of modules.flatMap((module) => [...module.children.allTests("skipped")])) {
    const [, missing] = /\(skipped without (.+)\)/.exec(`${test.fullName} ${noteOf(test)}`) ?? [];
    if (missing !== undefined) counts.set(missing, (counts.get(missing) ?? 0) + 1);
  }
  return [...counts].map(([missing, count]) => `skipped: ${count} without ${missing}`);
}

/** What a test said that left off by itself. */
function noteOf(test: TestCase): string {
  const result = test.result();
  return result.state === "skipped" ? (result.note ?? "") : "";
}

/** A test that passed only when it was run again: nobody loses a day to it, and nobody overlooks it. */
function flaky(module: TestModule): readonly string[] {
  return [...module.children.allTests()]
    .filter((test) => test.diagnostic()?.flaky === true)
    .map((test) => `needed a second try: ${module.relativeModuleId} > ${test.fullName}`);
}
