import type { Failure } from "../../../model/failure.ts";
import type { PassTarget } from "../../bindings.ts";
import type { RunnerContext } from "../runner-context.ts";
import type { EndedPass, Recorder } from "../status/recorder.ts";
import { finalize } from "./finalize.ts";

/** Who lets an Environment go, and whom that is told. */
export interface LeaveContext extends Pick<RunnerContext, "cluster" | "abandoned"> {
  readonly target: () => Promise<PassTarget>;
  readonly recorder: Recorder;
  readonly wentWrong: (what: string, thrown: unknown) => void;
}

/**
 * Deletes what goes with an Environment, by its own memory: the watch may not have shown yet what the last pass came to
 * own. Answers with a word for the metrics; `held` is one that the brake holds, and that is to be tried again. Throws as
 * `finalize` does.
 */
export async function leave(
  { cluster, target, recorder, ...told }: LeaveContext,
  pass: Pick<EndedPass, "environment" | "status" | "started">,
  signal: AbortSignal,
): Promise<"deleted" | "abandoned" | "held"> {
  const { environment, status } = pass;
  let wasAbandoned = false;
  const abandoned = (failure: Failure) => {
    wasAbandoned = true;
    told.abandoned(environment);
    told.wentWrong("let go of an Environment whose objects could not all be deleted", failure);
    recorder.tell(environment, { type: "Warning", reason: "DeletionAbandoned", message: failure.message });
  };
  const remembered = { ...environment, status: status.current };
  const plan = await finalize(cluster, remembered, { target, status, abandoned }, signal);
  if (plan === undefined) return wasAbandoned ? "abandoned" : "deleted";
  await recorder.outcome({ ...pass, source: undefined, attempted: undefined }, { type: "deletionHeld", plan }, signal);
  return "held";
}
