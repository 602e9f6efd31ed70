import { Failure, toFailure } from "../../model/failure.ts";

/** What one look came to. `warning`: it works, but somebody should know. */
export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A look at one thing. Throws `Failure` where it cannot be told, which counts as failed. */
export interface Check {
  readonly name: string;
  readonly look: () => Promise<Omit<Finding, "check">>;
}

/** Does the looks one after another; a failure of one is its finding. */
export async function findingsOf(checks: readonly Check[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, look } of checks) findings.push({ check: name, ...(await look().catch(failed)) });
  return findings;
}

/** All is well. */
export const ok = (message: string): Omit<Finding, "check"> => ({ status: "ok", message });

function failed(thrown: unknown): Omit<Finding, "check"> {
  const failure = toFailure(thrown);
  if (failure.code === "Interrupted" || failure.code === "Bug") throw thrown;
  const hint = failure.problems.find((problem) => problem.hint !== undefined)?.hint;
  const message = failure.problems.map((problem) => problem.message).join("; ");
  return { status: "failed", message, ...(hint === undefined ? {} : { hint }) };
}

/** A finding that is wrong, thrown. */
export function wrong(message: string, hint: string): Failure {
  return new Failure("DependencyNotReady", { message, hint });
}
