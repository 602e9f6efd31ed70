import { Failure, type Problem } from "../../model/failure.ts";

/** One thing that is wrong with a sealed secret: `SealInvalid` = as it is written, `UnsealFailed` = no key opens it. */
export interface SealProblem {
  readonly code: "SealInvalid" | "UnsealFailed";
  readonly problem: Problem;
}

/** A each about how something is written. */
export function invalidProblem(problem: Problem): SealProblem {
  return { code: "SealInvalid", problem };
}

/** A each about what does not open. */
export function unsealProblem(problem: Problem): SealProblem {
  return { code: "UnsealFailed", problem };
}

/** All problems as one `Failure`. SealInvalid wins: only a commit can fix it. */
export function failureOf(problems: readonly SealProblem[]): Failure {
  const code = problems.some((each) => each.code === "SealInvalid") ? "SealInvalid" : "UnsealFailed";
  return new Failure(
    code,
    problems.map((each) => each.problem),
  );
}
