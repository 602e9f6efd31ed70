import { milliseconds } from "../../../api/duration.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import { apiVersion, finalizer } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure, toFailure } from "../../../model/failure.ts";
import { inventoryIds } from "../../../model/inventory.ts";
import { describeId } from "../../../model/object-id.ts";
import type { Plan } from "../../../model/plan.ts";
import { type ApplyTarget, planRemoval, policyOf, remove } from "../../../rollout/index.ts";
import type { PassTarget } from "../../bindings.ts";
import { notHeld } from "../status/condition-sets.ts";
import { conditionOf, type StatusWriter } from "../status/status.ts";

/** Puts the finalizer on an Environment whose deletion policy has something to do. One request, once. */
export async function ensureFinalizer(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<void> {
  const finalizers = finalizersOf(environment);
  if (environment.spec.deletionPolicy === "Orphan" || finalizers.includes(finalizer)) return;
  await patchFinalizers(cluster, environment, [...finalizers, finalizer], signal);
}

/** What an Environment that is deleted leaves, and where that is told. */
export interface Leaving {
  readonly target: () => Promise<PassTarget>;
  readonly status: StatusWriter;
  readonly abandoned: (failure: Failure) => void;
}

/**
 * Carries out the deletion policy and lets the Environment go. Tried until the environment's timeout has passed since
 * its deletion, or since that was approved; then it goes all the same, and `abandoned` is told why and what stays. Answers with
 * the plan that the brake holds, for as long as it does: then nothing is deleted, and nothing goes. Throws `Failure` to be tried
 * again.
 */
export async function finalize(
  cluster: Cluster,
  environment: Environment,
  leaving: Leaving,
  signal: AbortSignal,
): Promise<Plan | undefined> {
  const finalizers = finalizersOf(environment);
  if (!finalizers.includes(finalizer)) return undefined;
  try {
    const held = await carryOut(environment, leaving, signal);
    if (held !== undefined) return held;
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toFailure(thrown);
    if (!isOverdue(environment, leaving.status)) throw failure;
    leaving.abandoned(leftBehind(environment, failure));
  }
  await patchFinalizers(
    cluster,
    environment,
    finalizers.filter((each) => each !== finalizer),
    signal,
  );
  return undefined;
}

async function carryOut(environment: Environment, leaving: Leaving, signal: AbortSignal): Promise<Plan | undefined> {
  const { spec } = environment;
  const deletes = spec.deletionPolicy === "MirrorPrune" ? spec.prune : spec.deletionPolicy !== "Orphan";
  if (!deletes || spec.suspend) return undefined;
  const target = await leaving.target();
  try {
    await target.slot.acquire(signal);
    return await deleteOwned(environment, { ...leaving, target }, signal);
  } finally {
    target.slot.release();
  }
}

async function deleteOwned(
  environment: Environment,
  { target, status }: { readonly target: ApplyTarget; readonly status: StatusWriter },
  signal: AbortSignal,
): Promise<Plan | undefined> {
  const { spec } = environment;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds(spec.timeout))]);
  const removal = await planRemoval(target, status.current.inventory ?? { entries: [] }, policyOf(environment), limit);
  if (removal.plan.hold !== undefined) return removal.plan;
  if (conditionOf(status.current, "Held")?.status === "True") await status.write({ conditions: [notHeld] }, signal);
  await remove(target, removal, spec.deletionPolicy === "WaitForTermination", limit);
  return undefined;
}

const mostNamed = 20;

/** What stays in the cluster, as far as it is known, and why. */
function leftBehind({ spec, status }: Environment, cause: Failure): Failure {
  const ids = inventoryIds(status.inventory ?? { entries: [] }).map(describeId);
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : "";
  const named =
    ids.length === 0 ? "" : `; of these some or all are still there: ${ids.slice(0, mostNamed).join(", ")}${more}`;
  const message = `let go after ${spec.timeout} although its objects could not all be deleted: ${cause.message}${named}`;
  return new Failure(cause.code, { message, hint: "delete what is left by hand" }, { cause });
}

/** The time does not run while deletion is held: what was approved late is tried for as long. */
function isOverdue({ metadata, spec }: Environment, { current }: StatusWriter): boolean {
  const released = Date.parse(conditionOf(current, "Held")?.lastTransitionTime ?? "1970-01-01T00:00:00Z");
  const since = Math.max(Date.parse(metadata.deletionTimestamp ?? ""), released);
  return since + milliseconds(spec.timeout) < Date.now();
}

function finalizersOf({ metadata }: Environment): readonly string[] {
  const { finalizers } = metadata;
  return Array.isArray(finalizers) ? finalizers.filter((each) => typeof each === "string") : [];
}

async function patchFinalizers(
  cluster: Cluster,
  { metadata }: Environment,
  finalizers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const ref = { apiVersion, kind: "Environment", namespace: metadata.namespace, name: metadata.name };
  const body = { metadata: { finalizers: [...finalizers], resourceVersion: metadata.resourceVersion } };
  await cluster.patch(ref, { type: "merge", body }, {}, signal);
}
