import { Failure, type Problem } from "../../model/failure.ts";

/** One thing that is wrong with a sealed secret: `SealInvalid` = as it is written, `UnsealFailed` = no key opens it. */
export interface Finding {
  readonly code: "SealInvalid" | "UnsealFailed";
  readonly problem: Problem;
}

/** A finding about how something is written. */
export function invalid(problem: Problem): Finding {
  return { code: "SealInvalid", problem };
}

/** A finding about what does not open. */
export function unopened(problem: Problem): Finding {
  return { code: "UnsealFailed", problem };
}

/** All findings as one `Failure`. What only a commit can mend decides the code. */
export function failureOf(findings: readonly Finding[]): Failure {
  const code = findings.some((finding) => finding.code === "SealInvalid") ? "SealInvalid" : "UnsealFailed";
  return new Failure(
    code,
    findings.map((finding) => finding.problem),
  );
}
