import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import { defines, isUnconverted, type KindName, trackDefined } from "../judge/conversion.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Tracked } from "../watch/kind-use.ts";
import { isWhole, type Resolved, typeKey } from "./resolve.ts";

const concurrency = 16;

/** The kinds of what is desired, each with the namespaces in which objects of it are. */
export function kindsOfDesired(
  target: Pick<ApplyTarget, "healthRules">,
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

/** What is watched for an observation. */
export interface ObservedKinds {
  readonly desired: readonly Tracked[];
  /** Kinds of what is in the inventory and no longer desired. */
  readonly leftovers: readonly Tracked[];
  /** The CustomResourceDefinitions of the revision. */
  readonly definitions: readonly Manifest[];
}

/**
 * Watches these kinds, and no others from now on. Answers with the kinds that cannot be listed because their conversion does
 * not work and the revision defines them, with the reason. Throws as `LiveView.track` does.
 */
export async function trackObserved(
  target: ApplyTarget,
  { desired, leftovers, definitions }: ObservedKinds,
  signal: AbortSignal,
): Promise<readonly (readonly [KindName, Failure])[]> {
  const isDefined = ({ type }: Tracked) => definitions.some((each) => defines(each, type));
  const given = desired.filter((kind) => !isDefined(kind));
  const [unlisted] = await target.slot.releaseWhile(() =>
    Promise.all([
      trackDefined(target, desired.filter(isDefined), signal),
      target.view.track(given, signal),
      trackLeftovers(target, leftovers, signal),
    ]),
  );
  target.view.retain([...desired, ...leftovers]);
  return unlisted;
}

/**
 * Watches the kinds of leftovers: one that is kept until another Environment has taken it is released as soon as that is
 * seen, however long the interval. A kind that may not be watched waits for the next pass.
 */
async function trackLeftovers(
  target: Pick<ApplyTarget, "view">,
  kinds: readonly Tracked[],
  signal: AbortSignal,
): Promise<void> {
  const track = async (kind: Tracked) => {
    try {
      await target.view.track([kind], signal);
    } catch (thrown) {
      const code = thrown instanceof Failure ? thrown.code : undefined;
      if (code !== "Forbidden" && code !== "KindUnknown" && !isUnconverted(thrown)) throw thrown;
    }
  };
  await inParallel(kinds, concurrency, track, signal);
}
