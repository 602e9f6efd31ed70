import { applyPolicy, reconcileDisabled } from "../api/annotations.ts";
import type { Failure, FailureCode, Problem } from "../model/failure.ts";
import { type KubeObject, type Manifest, placeOf } from "../model/manifest.ts";
import { describeId, formatId } from "../model/object-id.ts";
import type { Action } from "../model/plan.ts";
import { changedFields, changesOf } from "./changed-fields.ts";
import { isSecret } from "./mask.ts";
import { describeOwner, type Owner, ownerOf, sameOwner } from "./owner.ts";
import type { Observed, PlanInput } from "./plan-input.ts";
import { whyNotRecreated } from "./recreate.ts";

/** Why an object cannot be written. */
export type Refusal = { readonly code: FailureCode; readonly problems: readonly Problem[] };

/** What is to be done with an object that is desired, or why it cannot be. `owned` are the inventory ids. */
export function decide(
  manifest: Manifest,
  observed: Observed,
  input: PlanInput & { readonly owned: ReadonlySet<string> },
): Action | Refusal {
  const { live } = observed;
  const leaving = live !== undefined && isTerminating(live);
  const owner = live === undefined ? undefined : ownerOf(live);
  const own = owner !== undefined && sameOwner(owner, input.owner);
  const reason = whyLeft(manifest, live, input);
  if (reason !== undefined) return { type: "skip", reason, ...(own ? { remembered: "owned" } : {}) };
  const key = formatId(manifest.id);
  if (owner !== undefined && isForeign(key, owner, input)) return refuseOwner(manifest, owner);
  if (leaving && observed.rejection === undefined) return { type: "create", after: "deletion" };
  if (observed.rejection !== undefined) return recreateOrRefuse(manifest, observed.rejection, live, input.force);
  if (live === undefined) return { type: "create" };
  const changes = changesOf(manifest, live, observed);
  if (changes.length === 0) return { type: "unchanged" };
  const found = !own && !input.owned.has(key);
  return {
    type: "update",
    changes,
    ...(found ? { found } : {}),
    ...(owner === undefined || own ? {} : { from: owner }),
  };
}

/** Why an object stays as it is, however it differs from the repository; undefined where it is written, or that is refused. */
export function whyLeft(
  { id, object }: Manifest,
  live: KubeObject | undefined,
  input: Pick<PlanInput, "owner" | "goingBack" | "others">,
): string | undefined {
  const skipped = whySkipped(object, live !== undefined && isTerminating(live) ? undefined : live);
  const owner = live === undefined ? undefined : ownerOf(live);
  if (skipped !== undefined || owner === undefined || input.goingBack === undefined) return skipped;
  return isForeign(formatId(id), owner, input) ? `${describeOwner(owner)} has it now` : undefined;
}

function isForeign(key: string, owner: Owner, input: Pick<PlanInput, "owner" | "others">): boolean {
  return !sameOwner(owner, input.owner) && input.others?.released.has(key) !== true;
}

/** An object that is being deleted: whatever is written to it now goes with it. */
export function isTerminating({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function whySkipped(object: KubeObject, live: KubeObject | undefined): string | undefined {
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
