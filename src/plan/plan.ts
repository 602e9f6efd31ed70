import { Failure, type FailureCode, type Problem } from "../model/failure.ts";
import { type Manifest, placeOf } from "../model/manifest.ts";
import { describeId, formatId, versionOf } from "../model/object-id.ts";
import type { Action, Plan, PlannedAction } from "../model/plan.ts";
import { decide } from "./decide.ts";
import { deletionHold } from "./deletion-guard.ts";
import { planDigest } from "./digest.ts";
import { compareForApply } from "./order.ts";
import type { PlanInput } from "./plan-input.ts";
import { holdRollbackDeletions, planRemovals } from "./removals.ts";

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
  const removals = holdRollbackDeletions(planRemovals(input, digests), input, digests.size);
  const actions = [...applies, ...removals];
  yield;
  const digest = planDigest(actions, digests);
  const deleted = removals.filter(({ action }) => action.type === "delete").map(({ id }) => id);
  const hold =
    input.guard === undefined || input.approved === digest
      ? undefined
      : deletionHold(
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

function duplicate(manifest: Manifest): Problem {
  return {
    ...placeOf(manifest.origin),
    object: describeId(manifest.id),
    message: "is defined twice; another stage has it too",
  };
}

function planned(manifest: Manifest, stage: string, action: Action): PlannedAction {
  return { id: manifest.id, version: versionOf(manifest.object.apiVersion), stage, action, origin: manifest.origin };
}
