import { applyPolicy, reconcileDisabled } from "../../api/annotations.ts";
import { type ResourceType, refOf } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { changedFields, type IgnoredFields, isTerminating, takeOver, withoutIgnoredFields } from "../../plan/index.ts";
import { whyNotCreated } from "../judge/why-not-created.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Compared, Comparison } from "../target/comparison-cache.ts";
import { type DesiredAndLive, dryRun, observeTakeOver } from "./dry-run.ts";
import { isServedAs } from "./resolve.ts";

/** A desired object that is to be observed. */
export interface DesiredObject extends Compared, Pick<IgnoredFields, "trees"> {
  /** Undefined where its kind is not served yet. */
  readonly type: ResourceType | undefined;
  /** Namespaces that do not exist yet. */
  readonly pending: ReadonlySet<string>;
}

/**
 * Observes a desired object as it is and, by dry run, as it would become. What was compared before and has not changed costs
 * no request. Throws `Failure` where the API cannot answer; a rejection is part of the answer.
 */
export async function observeDesired(
  target: ApplyTarget,
  desired: DesiredObject,
  signal: AbortSignal,
): Promise<Comparison> {
  const { manifest, type, ignored } = desired;
  const { object, id } = manifest;
  if (type === undefined || desired.pending.has(id.namespace)) return { object, live: undefined };
  if (!isServedAs(object, type)) return observeInServedVersion(target, { ...desired, type }, signal);
  const seen = target.view.get(id);
  if (seen !== undefined && target.comparisons.isClean(id, manifest.digest, seen)) {
    return { object, live: seen, applied: seen };
  }
  const recalled = seen === undefined ? undefined : target.comparisons.recallDrift(desired, seen);
  if (recalled !== undefined) return recalled;
  const read = () => target.cluster.get(refOf(object), signal);
  if (isLeftAlone(object)) return { object, live: seen ?? (await read()) };
  if (seen === undefined && ignored.length === 0) {
    const answer = await dryRun(target, manifest, object, signal);
    const live = answer.created ? undefined : await read();
    if (isGoing(live)) return observeLeaving(target, { manifest, object, live }, signal);
    return { object, live, ...answer, ...(await observeTakeOver(target, { manifest, object, live }, signal)) };
  }
  const live = await read();
  if (isGoing(live)) return observeLeaving(target, { manifest, object, live }, signal);
  return compare(target, desired, live, signal);
}

/**
 * Reads an object in a version that is served, where its own is still to come: its owner and annotations are the same in
 * every version. What it would become is asked once its definition has been written.
 */
async function observeInServedVersion(
  { cluster }: ApplyTarget,
  { manifest: { object, id }, type, trees }: DesiredObject & { readonly type: ResourceType },
  signal: AbortSignal,
): Promise<Comparison> {
  const apiVersion = id.group === "" ? type.version : `${id.group}/${type.version}`;
  const live = await cluster.get({ ...refOf(object), apiVersion }, signal);
  return { object: withoutIgnoredFields(object, live, trees), live };
}

/** Compares the live object with what it would become, and remembers the result. */
async function compare(
  target: ApplyTarget,
  desired: DesiredObject,
  live: KubeObject | undefined,
  signal: AbortSignal,
): Promise<Comparison> {
  const { manifest, trees } = desired;
  const { object } = manifest;
  const left = withoutIgnoredFields(object, live && (takeOver(live, object)?.live ?? live), trees);
  const answer = await dryRun(target, manifest, left, signal);
  const taken = await observeTakeOver(target, { manifest, object: left, live }, signal);
  const comparison = { object: left, live, ...answer, ...taken };
  if (live === undefined || answer.applied === undefined || comparison.rejection !== undefined) return comparison;
  const clean = taken.takeOver === undefined && changedFields(live, answer.applied, false).length === 0;
  if (clean) target.comparisons.rememberClean(manifest, left, live);
  else target.comparisons.rememberDrift(desired, comparison);
  return comparison;
}

/** Annotated in the repository to be left alone, at least once it exists. */
function isLeftAlone(object: KubeObject): boolean {
  return reconcileDisabled(object) || ["Ignore", "IfNotPresent"].includes(applyPolicy(object));
}

const isGoing = (live: KubeObject | undefined): live is KubeObject => live !== undefined && isTerminating(live);

/** An object that is being deleted will be made anew: its present state does not tell whether the new one is accepted. */
async function observeLeaving(
  target: ApplyTarget,
  seen: DesiredAndLive & { readonly live: KubeObject },
  signal: AbortSignal,
): Promise<Comparison> {
  const { object, live } = seen;
  return { object, live, rejection: await whyNotCreated(target, seen, signal) };
}
