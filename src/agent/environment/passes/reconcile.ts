import type { Environment } from "../../../api/environment/environment.ts";
import { atPin } from "../../../environment/index.ts";
import type { Failure } from "../../../model/failure.ts";
import { readHookPath } from "../../http/webhook/path.ts";
import type { Bindings } from "../bindings/bindings.ts";
import type { PassOutcome } from "../decisions/decide.ts";
import type { NotableEvent } from "../decisions/decision.ts";
import type { RecordedPass } from "../decisions/recorder.ts";
import type { PassCallbacks, PassTools } from "../pass-tools.ts";
import type { RunnerContext } from "../runner-context.ts";
import { warningOf } from "../status/problems.ts";
import { writeProgress } from "../status/progress.ts";
import { refuseCrossNamespaceRefs } from "./cross-namespace.ts";
import { finalize } from "./finalize.ts";
import { runPass } from "./pass.ts";

/** What the passes over one Environment share. */
export interface ReconcileContext extends Pick<RunnerContext, "cluster" | "crossNamespaceRefs" | "abandoned"> {
  readonly bindings: Pick<Bindings, "target">;
  readonly tools: Pick<PassTools, "forPass">;
  readonly callbacks: PassCallbacks;
  readonly record: (environment: Environment, event: NotableEvent) => void;
  /** Called when drift was corrected. */
  readonly corrected: () => void;
  /** Aborted once no pass may begin any more. */
  readonly closing: AbortSignal;
}

/**
 * One pass over an Environment: it is finalized where it is being deleted, left alone where it is suspended, and otherwise
 * brought to its newest revision. Throws `Failure` for an error.
 */
export async function reconcileEnvironment(
  context: ReconcileContext,
  pass: RecordedPass,
  signal: AbortSignal,
): Promise<PassOutcome> {
  const { environment } = pass;
  if (environment.metadata.deletionTimestamp !== undefined) return finalizeEnvironment(context, pass, signal);
  if (!environment.spec.suspend) return bringToLatest(context, { ...pass, environment: atPin(environment) }, signal);
  await writeProgress(pass, { type: "suspended" }, signal);
  return { type: "suspended" };
}

async function bringToLatest(
  context: ReconcileContext,
  pass: Pick<RecordedPass, "environment" | "status">,
  signal: AbortSignal,
): Promise<PassOutcome> {
  const { environment, status } = pass;
  const { cluster, crossNamespaceRefs, closing, tools, callbacks } = context;
  if (!crossNamespaceRefs) refuseCrossNamespaceRefs(environment);
  const path = await readHookPath(cluster, environment, signal);
  await writeProgress(pass, { type: "webhookPath", path }, signal);
  await writeProgress(pass, { type: "resumed" }, signal);
  closing.throwIfAborted();
  const outcome = await runPass(await tools.forPass(environment, { ...callbacks, status }, signal), signal);
  if (outcome.type === "maintained" && outcome.corrected.length > 0) context.corrected();
  const warning = outcome.type === "rolledOut" ? warningOf(outcome.plan) : undefined;
  if (warning !== undefined) context.record(environment, warning);
  return outcome;
}

/** By its own memory: the watch may not have shown yet what the last pass came to own. */
async function finalizeEnvironment(
  { cluster, bindings, callbacks, abandoned, record }: ReconcileContext,
  { environment, status }: RecordedPass,
  signal: AbortSignal,
): Promise<PassOutcome> {
  const context = {
    target: () => bindings.target(environment, signal),
    status,
    abandoned(failure: Failure) {
      abandoned(environment);
      callbacks.logFailure("the finalizer was removed although not all objects could be deleted", failure);
      record(environment, { type: "Warning", reason: "DeletionAbandoned", message: failure.message });
    },
  };
  return finalize(cluster, { ...environment, status: status.current }, context, signal);
}
