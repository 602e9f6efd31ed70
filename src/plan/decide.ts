import { applyPolicy, reconcileDisabled } from "../api/annotations.ts";
import { Failure, type FailureCode, type Problem } from "../model/failure.ts";
import { type KubeObject, type Manifest, placeOf } from "../model/manifest.ts";
import { describeId, formatId } from "../model/object-id.ts";
import type { Action } from "../model/plan.ts";
import { changedFields, changesOf } from "./fields/changed-fields.ts";
import { isSecret } from "./mask/mask.ts";
import { describeOwner, type Owner, ownerOf, sameOwner } from "./ownership/owner.ts";
import type { Observed, PlanInput } from "./plan-input.ts";
import { whyNotRecreated } from "./recreate.ts";

/** Why an object cannot be written. */
export type Refusal = { readonly code: FailureCode; readonly problems: readonly Problem[] };

/** What decides whether an object is written at all, beside the object. */
export type DecisionContext = Pick<PlanInput, "owner" | "rollback" | "peers"> & {
  /** The inventory ids of what the Environment has. */
  readonly owned: ReadonlySet<string>;
};

/** The action for a desired object, or why it is refused. */
export function decide(manifest: Manifest, observed: Observed, input: PlanInput & DecisionContext): Action | Refusal {
  const { live } = observed;
  const standing = skipOrRefuse(manifest, live, input);
  if (standing !== undefined) return standing;
  const leaving = live !== undefined && isTerminating(live);
  if (leaving && observed.rejection === undefined) return { type: "create", after: "deletion" };
  if (observed.rejection !== undefined) return recreateOrRefuse(manifest, observed.rejection, live, input.force);
  if (live === undefined) return { type: "create" };
  const changes = changesOf(manifest, live, observed);
  if (changes.length === 0) return { type: "unchanged" };
  return { type: "update", changes, ...originOf(manifest, live, input) };
}

/**
 * Decides once more about an object that is to be written, by what is there right before that: whoever was waited for may
 * have made it, taken it or said that it be left. Answers with the very action that was planned where nothing of that
 * changed; else with what is to be done instead, or with OwnedByAnother.
 */
export function decideAgain(
  planned: Action,
  manifest: Manifest,
  live: KubeObject | undefined,
  by: DecisionContext,
): Action | Failure {
  const standing = skipOrRefuse(manifest, live, by);
  if (standing !== undefined) return "problems" in standing ? new Failure(standing.code, standing.problems) : standing;
  if (live === undefined)
    return planned.type === "create" && planned.after === undefined ? planned : { type: "create" };
  if (isTerminating(live)) return { type: "create", after: "deletion" };
  const origin = originOf(manifest, live, by);
  if (planned.type === "create") return { type: "update", changes: [], ...origin };
  const { from } = origin;
  if (planned.type !== "update" || planned.from !== undefined || from === undefined) return planned;
  return { ...planned, from };
}

/** The skip or the refusal of an object, whatever would change; undefined where it may be written. */
function skipOrRefuse(
  manifest: Manifest,
  live: KubeObject | undefined,
  by: DecisionContext,
): Action | Refusal | undefined {
  const owner = live === undefined ? undefined : ownerOf(live);
  const own = owner !== undefined && sameOwner(owner, by.owner);
  const reason = skipReason(manifest, live, by);
  if (reason !== undefined) return { type: "skip", reason, ...(own ? { remembered: "owned" } : {}) };
  return owner !== undefined && isForeign(formatId(manifest.id), owner, by) ? refuseOwner(manifest, owner) : undefined;
}

/** Whose the object was before. */
function originOf({ id }: Manifest, live: KubeObject, { owner, owned }: DecisionContext) {
  const from = ownerOf(live);
  const own = from !== undefined && sameOwner(from, owner);
  const found = !own && !owned.has(formatId(id));
  return { ...(found ? { found } : {}), ...(from === undefined || own ? {} : { from }) };
}

/** Why an object stays as it is, however it differs from the repository; undefined where it is written, or that is refused. */
export function skipReason(
  { id, object }: Manifest,
  live: KubeObject | undefined,
  input: Pick<PlanInput, "owner" | "rollback" | "peers">,
): string | undefined {
  const skipped = annotationSkipReason(object, live !== undefined && isTerminating(live) ? undefined : live);
  const owner = live === undefined ? undefined : ownerOf(live);
  if (skipped !== undefined || owner === undefined || input.rollback === undefined) return skipped;
  return isForeign(formatId(id), owner, input) ? `${describeOwner(owner)} has it now` : undefined;
}

function isForeign(key: string, owner: Owner, input: Pick<PlanInput, "owner" | "peers">): boolean {
  return !sameOwner(owner, input.owner) && input.peers?.unclaimed.has(key) !== true;
}

/** An object that is being deleted: whatever is written to it now goes with it. */
export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function annotationSkipReason(object: KubeObject, live: KubeObject | undefined): string | undefined {
  if (reconcileDisabled(object) || (live !== undefined && reconcileDisabled(live))) return "reconcile: disabled";
  const policy = applyPolicy(object);
  if (policy === "Ignore" || (live !== undefined && applyPolicy(live) === "Ignore")) return "ssa: Ignore";
  return policy === "IfNotPresent" && live !== undefined ? "ssa: IfNotPresent, and it is there" : undefined;
}

function recreateOrRefuse(
  manifest: Manifest,
  rejection: Failure,
  live: KubeObject | undefined,
  force: boolean,
): Action | Refusal {
  const refused = live === undefined ? undefined : whyNotRecreated(manifest, live, force);
  if (rejection.code === "FieldImmutable" && live !== undefined && refused === undefined) {
    return {
      type: "recreate",
      changes: changedFields(live, manifest.object, manifest.sensitive || isSecret(live)),
      reason: rejection.problems[0]?.message ?? "",
    };
  }
  const hint = rejection.code === "FieldImmutable" ? refused?.hint : undefined;
  const problems = rejection.problems.map((problem) => ({
    ...placeOf(manifest.origin),
    ...(hint === undefined ? {} : { hint }),
    ...problem,
  }));
  return { code: rejection.code, problems };
}

function refuseOwner(manifest: Manifest, owner: Owner): Refusal {
  const problem = {
    ...placeOf(manifest.origin),
    object: describeId(manifest.id),
    message: `belongs to ${describeOwner(owner)}`,
    hint: "let only one Environment have it, or remove its environment.mooring.dev labels",
  };
  return { code: "OwnedByAnother", problems: [problem] };
}
