import { applyPolicy, reconcileDisabled } from "../../api/annotations.ts";
import { createPace, type Pace } from "../../clock/index.ts";
import { inParallel, type ResourceType, refOf } from "../../cluster/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { Inventory, InventoryEntry } from "../../model/inventory.ts";
import { stringAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId, groupOf } from "../../model/object-id.ts";
import {
  changedFields,
  ignoring,
  isTerminating,
  type LeftToOthers,
  leaveToOthers,
  type Observed,
  takeOver,
  withoutStuckPatch,
} from "../../plan/index.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import { defines, type KindName, trackDefined, unlessUnconverted } from "../judge/conversion.ts";
import { whyNotCreated } from "../judge/probe.ts";
import { named, rejectionOf } from "../judge/rejection.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Compared, Comparison } from "../target/comparison-cache.ts";
import type { Tracked } from "../watch/kind-use.ts";
import { findLeftovers, followLeft, kindsOf, type Leftover, observeLeftover } from "./leftovers.ts";
import { isServedAs, isWhole, type Resolved, resolve, typeKey } from "./resolve.ts";

/** What was seen before planning. Keys are inventory ids. */
export interface Observation {
  readonly stages: readonly DesiredStage[];
  readonly observed: ReadonlyMap<string, Observed>;
  /** The objects to be applied: the manifests less the fields that are left to others. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What of them is left to others. */
  readonly left: ReadonlyMap<string, Pick<LeftToOthers, "trees">>;
  /** The kinds that could not be looked at since the API server could not convert them, and why. */
  readonly blind: readonly (readonly [KindName, Failure])[];
  /** When that was, in milliseconds of the monotonic clock: `performance.now()`. */
  readonly at: number;
}

const concurrency = 16;

/**
 * Looks at everything a plan depends on, and writes nothing: each desired object as it is and, by a dry run, as it would
 * become; and what is left in the inventory. What is verified already costs no request. Throws `Failure` when the API
 * cannot answer (an error); what it rejects is part of the observation.
 */
export async function observe(
  target: ApplyTarget,
  stages: readonly DesiredStage[],
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Observation> {
  const pace = createPace();
  const resolved = await resolve(target.cluster, stages, signal);
  const manifests = resolved.stages.flatMap((stage) => stage.manifests);
  await pace();
  const leftovers = await findLeftovers(target, without(inventory, manifests), signal);
  // Nobody is told of what happens to an environment that wants nothing any more.
  const kindsLeft = stages.length === 0 ? [] : kindsOf(target, leftovers);
  await pace();
  const kinds = trackedKinds(target, manifests, resolved.types);
  const definitions = manifests.filter(({ id }) => id.kind === "CustomResourceDefinition");
  const isDefined = ({ type }: Tracked) => definitions.some((each) => defines(each, type));
  const [unlisted] = await target.slot.releaseWhile(() =>
    Promise.all([
      trackDefined(target, kinds.filter(isDefined), signal),
      target.view.track(
        kinds.filter((kind) => !isDefined(kind)),
        signal,
      ),
      followLeft(target, kindsLeft, signal),
    ]),
  );
  target.view.only([...kinds, ...kindsLeft]);
  const pending = await namespacesToCome(target, manifests, signal);
  const going = goingKinds(target, manifests);
  const at = performance.now();
  const left = await leftOf(target, manifests, pace);
  target.comparisons.under(new Map([...left].map(([key, { keys }]) => [key, keys])));
  const desired = await inParallel(
    manifests,
    concurrency,
    async (manifest) => {
      // What is known already is answered without a request, and so without a turn for anybody else.
      await pace();
      const { apiVersion, kind } = manifest.object;
      const type = going.has(kindName(apiVersion, kind)) ? undefined : resolved.types.get(typeKey(apiVersion, kind));
      const { keys, trees } = left.get(formatId(manifest.id)) ?? nothingLeft;
      const question = { manifest, type, pending, ignored: keys, trees };
      const seen = await unlessUnconverted<Comparison>(
        definitions,
        manifest.id,
        () => observeDesired(target, question, signal),
        (failure) => ({ object: manifest.object, live: undefined, rejection: named(failure, manifest) }),
      );
      return [formatId(manifest.id), seen] as const;
    },
    signal,
  );
  const look = async (each: Leftover): Promise<readonly [string, Observed]> => {
    const seen = () => observeLeftover(target, each, signal);
    const { known } = each;
    if (known === undefined) return seen();
    return unlessUnconverted(definitions, known.id, seen, (rejection) => [each.key, { live: undefined, rejection }]);
  };
  const pruned = await inParallel(leftovers, concurrency, look, signal);
  const unseen = leftovers.flatMap(({ known }, index) => {
    const rejection = pruned[index]?.[1].rejection;
    return known === undefined || rejection === undefined ? [] : [[known.id, rejection] as const];
  });
  return {
    stages: resolved.stages,
    observed: new Map<string, Observed>([...desired, ...pruned]),
    objects: new Map(desired.map(([key, { object }]) => [key, object])),
    left,
    blind: [...unlisted, ...unseen],
    at,
  };
}

const nothingLeft: LeftToOthers = { keys: [], trees: [] };

/** What of each object is left to others, by inventory id. Rules may be many, and are asked about every object. */
async function leftOf({ ignore }: ApplyTarget, manifests: readonly Manifest[], pace: Pace) {
  const leftToOthers = ignoring(ignore, manifests);
  const left = new Map<string, LeftToOthers>();
  for (const { object, id } of manifests) {
    await pace();
    left.set(formatId(id), leftToOthers(object, id));
  }
  return left;
}

/** What of an inventory is desired no more. */
function without(inventory: Inventory, manifests: readonly Manifest[]): readonly InventoryEntry[] {
  const desired = new Set(manifests.map(({ id }) => formatId(id)));
  return inventory.entries.filter(({ id }) => !desired.has(id));
}

function trackedKinds(
  target: ApplyTarget,
  manifests: readonly Manifest[],
  types: Resolved["types"],
): readonly Tracked[] {
  const members = Map.groupBy(manifests, ({ object }) => typeKey(object.apiVersion, object.kind));
  return [...types].map(([key, type]) => ({
    type,
    namespaces: [...new Set((members.get(key) ?? []).map(({ id }) => id.namespace))],
    whole: isWhole(target, type),
  }));
}

interface Question extends Compared, Pick<LeftToOthers, "trees"> {
  readonly type: ResourceType | undefined;
  readonly pending: ReadonlySet<string>;
}

async function observeDesired(target: ApplyTarget, question: Question, signal: AbortSignal): Promise<Comparison> {
  const { manifest, type, ignored } = question;
  const { object, id } = manifest;
  if (type === undefined || question.pending.has(id.namespace)) return { object, live: undefined };
  if (!isServedAs(object, type)) return observeOtherwise(target, { ...question, type }, signal);
  const seen = target.view.get(id);
  if (seen !== undefined && target.comparisons.holds(id, manifest.digest, seen)) {
    return { object, live: seen, applied: seen };
  }
  const recalled = seen === undefined ? undefined : target.comparisons.recall(question, seen);
  if (recalled !== undefined) return recalled;
  const look = () => target.cluster.get(refOf(object), signal);
  if (isLeftAlone(object)) return { object, live: seen ?? (await look()) };
  if (seen === undefined && ignored.length === 0) {
    const answer = await dryRun(target, manifest, object, signal);
    const live = answer.created ? undefined : await look();
    if (isGoing(live)) return observeLeaving(target, { manifest, object, live }, signal);
    return { object, live, ...answer, ...(await observeTakeOver(target, { manifest, object, live }, signal)) };
  }
  const live = await look();
  if (isGoing(live)) return observeLeaving(target, { manifest, object, live }, signal);
  return compare(target, question, live, signal);
}

/**
 * An object in a version that is still to come, as it is in one that is served: whose it is and what it says of itself is
 * the same in every version. What it would become is asked when its definition has been written.
 */
async function observeOtherwise(
  { cluster }: ApplyTarget,
  { manifest: { object, id }, type, trees }: Question & { readonly type: ResourceType },
  signal: AbortSignal,
): Promise<Comparison> {
  const apiVersion = id.group === "" ? type.version : `${id.group}/${type.version}`;
  const live = await cluster.get({ ...refOf(object), apiVersion }, signal);
  return { object: leaveToOthers(object, live, trees), live };
}

/** What the object would become, beside what it is; remembered for the next time. */
async function compare(
  target: ApplyTarget,
  question: Question,
  live: KubeObject | undefined,
  signal: AbortSignal,
): Promise<Comparison> {
  const { manifest, trees } = question;
  const { object } = manifest;
  const left = leaveToOthers(object, live && (takeOver(live, object)?.live ?? live), trees);
  const answer = await dryRun(target, manifest, left, signal);
  const taken = await observeTakeOver(target, { manifest, object: left, live }, signal);
  const comparison = { object: left, live, ...answer, ...taken };
  if (live === undefined || answer.applied === undefined || comparison.rejection !== undefined) return comparison;
  const clean = taken.takeOver === undefined && changedFields(live, answer.applied, false).length === 0;
  if (clean) target.comparisons.remember(manifest, left, live);
  else target.comparisons.keep(question, comparison);
  return comparison;
}

/** What the repository says of it is not asked about as long as it is there. */
function isLeftAlone(object: KubeObject): boolean {
  return reconcileDisabled(object) || ["Ignore", "IfNotPresent"].includes(applyPolicy(object));
}

/** One that is being deleted is made anew: it says nothing of what would be made. */
async function observeLeaving(
  target: ApplyTarget,
  seen: { readonly manifest: Manifest; readonly object: KubeObject; readonly live: KubeObject },
  signal: AbortSignal,
): Promise<Comparison> {
  const { object, live } = seen;
  return { object, live, rejection: await whyNotCreated(target, seen, signal) };
}

/** Asks what an object would be without the fields that only its former managers wanted. */
async function observeTakeOver(
  target: ApplyTarget,
  seen: { readonly manifest: Manifest; readonly object: KubeObject; readonly live: KubeObject | undefined },
  signal: AbortSignal,
): Promise<Pick<Observed, "takeOver" | "rejection">> {
  const { manifest, object, live } = seen;
  const from = live === undefined ? undefined : takeOver(live, object);
  if (live === undefined || from === undefined) return {};
  if (from.stuck.length === 0) return { takeOver: { from, without: live } };
  const patch = { type: "json", body: withoutStuckPatch(from) } as const;
  try {
    return { takeOver: { from, without: await target.cluster.patch(refOf(object), patch, { dryRun: true }, signal) } };
  } catch (thrown) {
    return { rejection: rejectionOf(thrown, manifest) };
  }
}

type DryRun = { readonly created: boolean } & Pick<Observed, "applied" | "rejection">;

/** Asks what an apply would make of the object. A rejection is an answer; an error of the API is thrown. */
async function dryRun(
  target: ApplyTarget,
  manifest: Manifest,
  object: KubeObject,
  signal: AbortSignal,
): Promise<DryRun> {
  try {
    const { object: applied, created } = await target.cluster.apply(object, { dryRun: true, force: true }, signal);
    return { applied, created };
  } catch (thrown) {
    return { created: false, rejection: rejectionOf(thrown, manifest) };
  }
}

/** The kinds whose definitions the revision has and the cluster is deleting: nothing of them can be asked about yet. */
function goingKinds({ view }: ApplyTarget, manifests: readonly Manifest[]): ReadonlySet<string> {
  const definitions = manifests.filter(({ id }) => id.kind === "CustomResourceDefinition");
  const going = definitions.filter(({ id }) => isGoing(view.get(id)));
  return new Set(
    going.map(({ object }) =>
      kindName(`${stringAt(object, "spec", "group")}/`, stringAt(object, "spec", "names", "kind") ?? ""),
    ),
  );
}

const kindName = (apiVersion: string, kind: string): string => `${kind}.${groupOf(apiVersion)}`;

const isGoing = (live: KubeObject | undefined): live is KubeObject => live !== undefined && isTerminating(live);

/**
 * The namespaces that the revision creates and the cluster does not have, or is deleting: nothing in them can be asked
 * about yet.
 */
async function namespacesToCome(
  target: ApplyTarget,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const unseen = manifests.filter(
    ({ id }) => id.kind === "Namespace" && id.group === "" && isMissing(target.view.get(id)),
  );
  const there = await inParallel(
    unseen,
    concurrency,
    ({ object }) => target.cluster.get(refOf(object), signal),
    signal,
  );
  return new Set(unseen.filter((_, index) => isMissing(there[index])).map(({ id }) => id.name));
}

const isMissing = (live: KubeObject | undefined): boolean => live === undefined || isTerminating(live);
