import { Failure } from "../model/failure.ts";

/** The result of work on a template, or the message of its `templateError`; other failures pass. */
export function attempt<T>(work: () => T): { readonly result: T } | { readonly problem: string } {
  try {
    return { result: work() };
  } catch (thrown) {
    if (thrown instanceof Failure) return { problem: thrown.problems.map((problem) => problem.message).join("; ") };
    // The stack ran out: parentheses or blocks inside each other, thousands deep.
    if (thrown instanceof RangeError) return { problem: "the template is nested too deeply" };
    throw thrown;
  }
}
