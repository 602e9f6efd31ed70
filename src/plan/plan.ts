import { applyPolicy, forceEnabled, pruneDisabled, reconcileDisabled } from "../api/annotations.ts";
import type { DeletionGuard } from "../api/rollout-spec.ts";
import { Failure, type FailureCode, type Problem } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import { type KubeObject, type Manifest, placeOf } from "../model/manifest.ts";
import { describeId, formatId, versionOf } from "../model/object-id.ts";
import type { Action, FieldChange, Plan, PlannedAction } from "../model/plan.ts";
import { diff } from "./diff.ts";
import { planDigest } from "./digest.ts";
import { brake } from "./guard.ts";
import { otherManagers } from "./managed-fields.ts";
import { isSecret, maskChanges } from "./mask.ts";
import { normalise } from "./normalise.ts";
import { compareForApply } from "./order.ts";
import { describeOwner, type Owner, ownerOf, sameOwner } from "./owner.ts";
import { brakeGoingBack, keptKinds, planRemovals } from "./removals.ts";
import { type TakeOver, takeOverChange } from "./take-over.ts";

/** What is known of one object before anything is written. */
export interface Observed {
  /** The object as it is; undefined where there is none. */
  readonly live: KubeObject | undefined;
  /** What the API server says it would become; undefined where it could not be asked yet (its CRD or Namespace is still to come). */
  readonly applied?: KubeObject | undefined;
  /** What is taken over from former managers, and the object as it would be without their stuck fields. */
  readonly takeOver?: { readonly from: TakeOver; readonly without: KubeObject } | undefined;
  /** Why the API server would not take it. */
  readonly rejection?: Failure | undefined;
}

/** The desired objects of one stage. */
export interface StagedManifests {
  readonly name: string;
  readonly manifests: readonly Manifest[];
}

/** Everything a plan depends on. Observations are keyed by inventory id. */
export interface PlanInput {
  readonly stages: readonly StagedManifests[];
  readonly observed: ReadonlyMap<string, Observed>;
  readonly inventory: Inventory;
  readonly owner: Owner;
  readonly prune: boolean;
  readonly force: boolean;
  /** Absent: deletions are never held. */
  readonly guard: DeletionGuard | undefined;
  /** The digest that somebody approved although the brake held it. */
  readonly approved: string | undefined;
  /** The Environment itself goes, so that nothing is desired any more. */
  readonly leaving?: boolean;
  /** Set where the desired content is of the past: a rollback, or what is kept while something newer failed. */
  readonly goingBack?: GoingBack | undefined;
  /** What other Environments say of the objects that are theirs or might become so; absent: nothing is known of others. */
  readonly others?: OthersSay | undefined;
}

/**
 * Content of the past takes nothing from others that have an object now, and deletes neither what cannot be made again nor
 * what was there before the revision that failed.
 */
export interface GoingBack {
  /** The inventory ids of what that revision found in the cluster, not created by it nor by this Environment before. */
  readonly found: ReadonlySet<string>;
  /** The inventory ids of what it created: all that is ever deleted. Undefined where that was not recorded. */
  readonly created?: ReadonlySet<string> | undefined;
}

/** What the other Environments of the same cluster say. Keys are inventory ids. */
export interface OthersSay {
  /** What this Environment has, and another one wants. */
  readonly wanted: ReadonlyMap<string, Owner>;
  /** What carries the labels of an Environment that does not want it any more. */
  readonly released: ReadonlySet<string>;
}

/**
 * Decides what is to be done with every object: the only place that does. Pure; the plan holds ids and masked changes,
 * never an object. Throws `Failure` with every object that cannot be written: the API server's rejections, an immutable
 * field without force (FieldImmutable), an object of another Environment (OwnedByAnother), an object named twice
 * (DuplicateObject).
 */
export function makePlan(input: PlanInput): Plan {
  const steps = planSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `makePlan`, with a step for each object: for who has other things to do between them. */
export function* planSteps(input: PlanInput): Generator<undefined, Plan> {
  const problems: { code: FailureCode; problem: Problem }[] = [];
  const digests = new Map<string, string>();
  const applies: PlannedAction[] = [];
  const owned = new Set(input.inventory.entries.map(({ id }) => id));
  for (const { name, manifests } of input.stages) {
    for (const manifest of [...manifests].sort((a, b) => compareForApply(a.id, b.id))) {
      yield;
      const key = formatId(manifest.id);
      if (digests.has(key)) problems.push({ code: "DuplicateObject", problem: duplicate(manifest) });
      digests.set(key, manifest.digest);
      const decided = decide(manifest, input.observed.get(key) ?? { live: undefined }, { ...input, owned });
      if ("problems" in decided) {
        problems.push(...decided.problems.map((problem) => ({ code: decided.code, problem })));
      } else applies.push(planned(manifest, name, decided));
    }
  }
  const [first] = problems;
  if (first !== undefined)
    throw new Failure(
      first.code,
      problems.map(({ problem }) => problem),
    );
  yield;
  const removals = brakeGoingBack(planRemovals(input, digests), input, digests.size);
  const actions = [...applies, ...removals];
  yield;
  const digest = planDigest(actions, digests);
  const deleted = removals.filter(({ action }) => action.type === "delete").map(({ id }) => id);
  const hold =
    input.guard === undefined || input.approved === digest
      ? undefined
      : brake(
          {
            deleted,
            owned: input.inventory.entries.length,
            desired: input.leaving === true ? undefined : digests.size,
          },
          input.guard,
        );
  yield;
  const warnings = input.stages.flatMap((stage) => stage.manifests.flatMap(({ warning }) => warning ?? []));
  return {
    actions,
    digest,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(hold === undefined ? {} : { hold }),
  };
}

/** Tells whether a plan writes anything. */
export function changes(plan: Plan): readonly PlannedAction[] {
  return plan.actions.filter(({ action }) => ["create", "update", "recreate", "delete"].includes(action.type));
}

type Refusal = { readonly code: FailureCode; readonly problems: readonly Problem[] };

function decide(
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

function changesOf(manifest: Manifest, live: KubeObject, { applied, takeOver }: Observed): readonly FieldChange[] {
  const sensitive = manifest.sensitive || isSecret(live);
  const { object } = manifest;
  return [...changedFields(live, applied ?? object, sensitive), ...takenOver(live, takeOver, sensitive)];
}

/** The fields in which a live object and what it is to become differ, with who owns them now; masked where it is sensitive. */
export function changedFields(live: KubeObject, applied: KubeObject, sensitive: boolean): readonly FieldChange[] {
  const managers = otherManagers(live);
  const found = diff(normalise(live), normalise(applied)).map((change) => {
    const manager = change.from === undefined ? undefined : managers.of(change.path);
    return manager === undefined ? change : { ...change, manager };
  });
  return sensitive ? maskChanges(found) : found;
}

function takenOver(live: KubeObject, takeOver: Observed["takeOver"], sensitive: boolean): readonly FieldChange[] {
  if (takeOver === undefined) return [];
  return [...changedFields(live, takeOver.without, sensitive), takeOverChange(takeOver.from)];
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

/** Tells whether an object may be deleted to be made again, where an immutable field changed. */
export function mayRecreate(manifest: Manifest, live: KubeObject, force: boolean): boolean {
  return whyNotRecreated(manifest, live, force) === undefined;
}

/**
 * Why an object is not deleted to be made again, or undefined where it may be. What is never to be deleted is not deleted
 * for an Environment's `force` either; only its own says so.
 */
function whyNotRecreated(
  { id, object }: Manifest,
  live: KubeObject,
  force: boolean,
): { readonly hint?: string } | undefined {
  if (keptKinds.includes(id.kind)) return {};
  if (forceEnabled(object) || forceEnabled(live)) return undefined;
  if (!force) return { hint: "annotate the object with mooring.dev/force: enabled to let it be recreated" };
  if (!pruneDisabled(object) && !pruneDisabled(live)) return undefined;
  return {
    hint: "prune: disabled keeps it; annotate it with mooring.dev/force: enabled to let it be recreated anyway",
  };
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

function duplicate(manifest: Manifest): Problem {
  return {
    ...placeOf(manifest.origin),
    object: describeId(manifest.id),
    message: "is there twice: another stage has it as well",
  };
}

function planned(manifest: Manifest, stage: string, action: Action): PlannedAction {
  return { id: manifest.id, version: versionOf(manifest.object.apiVersion), stage, action, origin: manifest.origin };
}
