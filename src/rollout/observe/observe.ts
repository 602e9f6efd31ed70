import { createPace, type Pace } from "../../clock/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import type { Failure } from "../../model/failure.ts";
import type { Inventory, InventoryEntry } from "../../model/inventory.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import { compileIgnoreRules, type IgnoredFields, type Observed } from "../../plan/index.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import { type KindName, unlessUnconverted } from "../judge/conversion.ts";
import { withObject } from "../judge/rejection.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Comparison } from "../target/comparison-cache.ts";
import { findLeftovers, kindsOfLeftovers, type Leftover, observeLeftover } from "./leftovers.ts";
import { kindName, pendingNamespaces, terminatingKinds } from "./not-yet.ts";
import { observeDesired } from "./observe-desired.ts";
import { type Resolved, resolve, typeKey } from "./resolve.ts";
import { kindsOfDesired, trackObserved } from "./track.ts";

/** What was seen before planning. Keys are inventory ids. */
export interface Observation {
  readonly stages: readonly DesiredStage[];
  readonly observed: ReadonlyMap<string, Observed>;
  /** The objects to be applied: the manifests less the fields that are left to others. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What of them is left to others. */
  readonly left: ReadonlyMap<string, Pick<IgnoredFields, "trees">>;
  /** The kinds that could not be observed because the API server could not convert them, and why. */
  readonly blind: readonly (readonly [KindName, Failure])[];
  /** When that was, in milliseconds of the monotonic clock: `performance.now()`. */
  readonly at: number;
}

const concurrency = 16;

/**
 * Observes everything a plan depends on, and writes nothing: each desired object as it is and, by dry run, as it would
 * become; and the leftovers of the inventory. What was compared before costs no request. Throws `Failure` when the API
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
  await pace();
  const definitions = manifests.filter(({ id }) => id.kind === "CustomResourceDefinition");
  const kinds = {
    desired: kindsOfDesired(target, manifests, resolved.types),
    // An Environment that wants nothing any more need not hear of changes.
    leftovers: stages.length === 0 ? [] : kindsOfLeftovers(target, leftovers),
    definitions,
  };
  const unlisted = await trackObserved(target, kinds, signal);
  const pending = await pendingNamespaces(target, manifests, signal);
  const at = performance.now();
  const left = await leftOf(target, manifests, pace);
  target.comparisons.applyRules(new Map([...left].map(([key, { keys }]) => [key, keys])));
  const desired = await observeAllDesired(target, { resolved, manifests, definitions, pending, left }, signal);
  const seen = await observeLeftovers(target, leftovers, definitions, signal);
  return {
    stages: resolved.stages,
    observed: new Map<string, Observed>([...desired, ...seen.observed]),
    objects: new Map(desired.map(([key, { object }]) => [key, object])),
    left,
    blind: [...unlisted, ...seen.blind],
    at,
  };
}

const nothingLeft: IgnoredFields = { keys: [], trees: [] };

/** What of each object is left to others, by inventory id. There may be many rules, and each is tried on every object. */
async function leftOf({ ignore }: ApplyTarget, manifests: readonly Manifest[], pace: Pace) {
  const leftToOthers = compileIgnoreRules(ignore, manifests);
  const left = new Map<string, IgnoredFields>();
  for (const { object, id } of manifests) {
    await pace();
    left.set(formatId(id), leftToOthers(object, id));
  }
  return left;
}

/** What of an inventory is no longer desired. */
function without(inventory: Inventory, manifests: readonly Manifest[]): readonly InventoryEntry[] {
  const desired = new Set(manifests.map(({ id }) => formatId(id)));
  return inventory.entries.filter(({ id }) => !desired.has(id));
}

/** The desired objects, and what is known of their surroundings. */
interface DesiredObjects {
  readonly resolved: Resolved;
  readonly manifests: readonly Manifest[];
  readonly definitions: readonly Manifest[];
  readonly pending: ReadonlySet<string>;
  readonly left: ReadonlyMap<string, IgnoredFields>;
}

async function observeAllDesired(
  target: ApplyTarget,
  { resolved, manifests, definitions, pending, left }: DesiredObjects,
  signal: AbortSignal,
): Promise<readonly (readonly [key: string, Comparison])[]> {
  const pace = createPace();
  const terminating = terminatingKinds(target, manifests);
  const observeOne = async (manifest: Manifest) => {
    // What is known already needs no request, during which others could run.
    await pace();
    const { apiVersion, kind } = manifest.object;
    const isPending = terminating.has(kindName(apiVersion, kind));
    const type = isPending ? undefined : resolved.types.get(typeKey(apiVersion, kind));
    const { keys, trees } = left.get(formatId(manifest.id)) ?? nothingLeft;
    const seen = await unlessUnconverted<Comparison>(
      definitions,
      manifest.id,
      () => observeDesired(target, { manifest, type, pending, ignored: keys, trees }, signal),
      (failure) => ({ object: manifest.object, live: undefined, rejection: withObject(failure, manifest) }),
    );
    return [formatId(manifest.id), seen] as const;
  };
  return inParallel(manifests, concurrency, observeOne, signal);
}

async function observeLeftovers(
  target: ApplyTarget,
  leftovers: readonly Leftover[],
  definitions: readonly Manifest[],
  signal: AbortSignal,
): Promise<Pick<Observation, "blind"> & { readonly observed: readonly (readonly [string, Observed])[] }> {
  const observeOne = async (each: Leftover): Promise<readonly [string, Observed]> => {
    const observed = () => observeLeftover(target, each, signal);
    const { known } = each;
    if (known === undefined) return observed();
    return unlessUnconverted(definitions, known.id, observed, (rejection) => [
      each.key,
      { live: undefined, rejection },
    ]);
  };
  const observed = await inParallel(leftovers, concurrency, observeOne, signal);
  const blind = leftovers.flatMap(({ known }, index) => {
    const rejection = observed[index]?.[1].rejection;
    return known === undefined || rejection === undefined ? [] : [[known.id, rejection] as const];
  });
  return { observed, blind };
}
