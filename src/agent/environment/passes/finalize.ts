import { conditionOf } from "../../../api/conditions.ts";
import { milliseconds } from "../../../api/duration.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import { apiVersion, finalizer } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure, toFailure } from "../../../model/failure.ts";
import { inventoryIds } from "../../../model/inventory.ts";
import { describeId } from "../../../model/object-id.ts";
import type { Plan } from "../../../model/plan.ts";
import { type ApplyTarget, planRemoval, policyOf, remove } from "../../../rollout/index.ts";
import type { PassTarget } from "../bindings/bindings.ts";
import type { PassOutcome } from "../decisions/decide.ts";
import type { StatusWriter } from "../decisions/decision.ts";
import { writeProgress } from "../status/progress.ts";

/** Puts the finalizer on an Environment whose deletion policy has something to do. One request, once. */
export async function ensureFinalizer(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<void> {
  const finalizers = finalizersOf(environment);
  if (environment.spec.deletionPolicy === "Orphan" || finalizers.includes(finalizer)) return;
  await patchFinalizers(cluster, environment, [...finalizers, finalizer], signal);
}

/** How an Environment is finalized. */
export interface FinalizeContext {
  readonly target: () => Promise<PassTarget>;
  readonly status: Pick<StatusWriter, "current" | "write">;
  /** Called before the finalizer is removed although objects are left, with why and which. */
  readonly abandoned: (failure: Failure) => void;
}

/** What came of it. */
export type Finalized = Extract<PassOutcome, { type: "deleted" | "abandoned" | "deletionHeld" }>;

/**
 * Carries out the deletion policy and removes the finalizer. Tried until the Environment's timeout has passed since its
 * deletion, or since that was approved; then the finalizer goes all the same. While the deletion guard holds the plan nothing is
 * deleted, and the finalizer stays. Throws `Failure` to be tried again.
 */
export async function finalize(
  cluster: Cluster,
  environment: Environment,
  context: FinalizeContext,
  signal: AbortSignal,
): Promise<Finalized> {
  const finalizers = finalizersOf(environment);
  if (!finalizers.includes(finalizer)) return { type: "deleted" };
  let type: "deleted" | "abandoned" = "deleted";
  try {
    const plan = await carryOut(environment, context, signal);
    if (plan !== undefined) return { type: "deletionHeld", plan };
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toFailure(thrown);
    if (!isOverdue(environment, context.status)) throw failure;
    type = "abandoned";
    context.abandoned(abandonment(environment, failure));
  }
  await patchFinalizers(
    cluster,
    environment,
    finalizers.filter((each) => each !== finalizer),
    signal,
  );
  return { type };
}

/** Deletes what the policy says; the plan where the deletion guard holds it. */
async function carryOut(
  environment: Environment,
  context: FinalizeContext,
  signal: AbortSignal,
): Promise<Plan | undefined> {
  const { spec } = environment;
  const deletes = spec.deletionPolicy === "MirrorPrune" ? spec.prune : spec.deletionPolicy !== "Orphan";
  if (!deletes || spec.suspend) return undefined;
  const target = await context.target();
  try {
    await target.slot.acquire(signal);
    return await deleteOwned(environment, { target, status: context.status }, signal);
  } finally {
    target.slot.release();
  }
}

async function deleteOwned(
  environment: Environment,
  { target, status }: { readonly target: ApplyTarget; readonly status: FinalizeContext["status"] },
  signal: AbortSignal,
): Promise<Plan | undefined> {
  const { spec } = environment;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds(spec.timeout))]);
  const removal = await planRemoval(target, status.current.inventory ?? { entries: [] }, policyOf(environment), limit);
  if (removal.plan.hold !== undefined) return removal.plan;
  await writeProgress({ environment, status }, { type: "deletionApproved" }, signal);
  await remove(target, removal, spec.deletionPolicy === "WaitForTermination", limit);
  return undefined;
}

const mostNamed = 20;

/** Why the Environment is abandoned, and what of it stays in the cluster, as far as that is known. */
function abandonment({ spec, status }: Environment, cause: Failure): Failure {
  const ids = inventoryIds(status.inventory ?? { entries: [] }).map(describeId);
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : "";
  const named =
    ids.length === 0
      ? ""
      : `; some or all of these are left in the cluster: ${ids.slice(0, mostNamed).join(", ")}${more}`;
  const message = `finalizer removed after ${spec.timeout} although not all objects could be deleted: ${cause.message}${named}`;
  return new Failure(cause.code, { message, hint: "delete what is left by hand" }, { cause });
}

/** The time does not run while deletion is held: a plan that was approved late has as much of it. */
function isOverdue({ metadata, spec }: Environment, { current }: FinalizeContext["status"]): boolean {
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
