import { createPace } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import { changedFields, mayRecreate, type Observed } from "../../plan/index.ts";
import type { Observation } from "../observe/observe.ts";
import { unmended } from "./conversion.ts";
import { isError } from "./rejection.ts";
import { isStrict, mayMend, mayRefuse, mayShape } from "./shapers.ts";

/** An observation, and what of it can only be judged once other parts of the plan have been written. */
export interface Deferring {
  readonly observation: Observation;
  /** Inventory ids: judged by dry run right before their wave. */
  readonly deferred: ReadonlySet<string>;
}

/** What is known of an object, where it is worth deferring its judgement. */
export interface Judging {
  /** An object with an immutable field that changed may be deleted to be made again, unless something keeps it. */
  readonly force: boolean;
  /** Whether an object stays as it is, however it differs. */
  readonly isLeft: (manifest: Manifest, seen: Observed) => boolean;
  /** Why an object that would be deleted to be made again could not be made. */
  readonly whyUnmakeable: (manifest: Manifest) => Promise<Failure | undefined>;
}

/**
 * Defers the judgement of what depends on a definition, a Namespace, a policy, a limit or a right that changes in the same
 * plan and not later than it: today's answer may not hold by then. For an object that would be recreated, asks whether the
 * new one would be accepted. Throws the first rejection that is an error and is not deferred.
 */
export async function deferJudgement(observation: Observation, judging: Judging): Promise<Deferring> {
  const observed = new Map<string, Observed>(observation.observed);
  const deferred = new Set<string>();
  const changing: Manifest[] = [];
  const strict: Manifest[] = [];
  const willChange = (manifest: Manifest) => {
    const seen = observed.get(formatId(manifest.id)) ?? { live: undefined };
    return mayShape(manifest.id) && !judging.isLeft(manifest, seen) && changes(seen);
  };
  const pace = createPace();
  for (const { manifests } of observation.stages) {
    for (const manifest of manifests) {
      await pace();
      if (!willChange(manifest)) continue;
      changing.push(manifest);
      if (isStrict(manifest.id)) strict.push(manifest);
    }
    for (const manifest of manifests) {
      await pace();
      const key = formatId(manifest.id);
      const judged = await judgeOne(manifest, observed.get(key) ?? { live: undefined }, {
        ...judging,
        changing,
        strict,
      });
      observed.set(key, judged.seen);
      if (judged.deferred) deferred.add(key);
    }
  }
  const blind = unmended(observation.blind, changing);
  if (blind !== undefined) throw blind;
  return { observation: { ...observation, observed }, deferred };
}

async function judgeOne(
  manifest: Manifest,
  seen: Observed,
  { changing, strict, force, whyUnmakeable }: Judging & Record<"changing" | "strict", readonly Manifest[]>,
): Promise<{ readonly seen: Observed; readonly deferred: boolean }> {
  const { rejection, ...rest } = seen;
  const isMended = (by: Failure) => changing.some((shaper) => mayMend(shaper, manifest, by));
  if (rejection === undefined) {
    return { seen, deferred: seen.live !== undefined && strict.some((shaper) => mayRefuse(shaper, manifest)) };
  }
  const isRemade =
    rejection.code === "FieldImmutable" && seen.live !== undefined && mayRecreate(manifest, seen.live, force);
  // What may have to be made again is planned so: that is what people are to know before.
  if (isMended(rejection)) return { seen: isRemade ? seen : rest, deferred: true };
  const unmakeable = isRemade ? await whyUnmakeable(manifest) : undefined;
  if (unmakeable !== undefined && isMended(unmakeable)) return { seen, deferred: true };
  const last = unmakeable ?? rejection;
  if (isError(last)) throw last;
  return { seen: { ...seen, rejection: last }, deferred: false };
}

function changes(seen: Observed): boolean {
  if (seen.live === undefined || seen.applied === undefined || seen.rejection !== undefined) return true;
  return seen.live !== seen.applied && changedFields(seen.live, seen.applied, true).length > 0;
}
