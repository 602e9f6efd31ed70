import { pause } from "../../clock/index.ts";
import { inParallel, refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { mayRecreate } from "../../plan/index.ts";
import { type Parts, partsOf, type StageWrites } from "../apply/write.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { whyNotCreated } from "./probe.ts";
import { rejectionOf } from "./rejection.ts";

/** What was judged now that other parts of the stage have been written. */
export interface Judged {
  /** What may be done, as it is to be done. */
  readonly actions: readonly PlannedAction[];
  /** What the API server has against the others, by inventory id. */
  readonly rejected: ReadonlyMap<string, Failure>;
}

/**
 * Judges what could not be judged before. Whether an object must be deleted to be made again is known for certain only
 * now, and so is whether it could be made. Throws the errors of the way there.
 */
export async function judge(
  target: ApplyTarget,
  writes: StageWrites,
  planned: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<Judged> {
  const wanted = planned.filter(({ action }) => action.type !== "skip");
  const refused = await judgeAgain(
    target,
    wanted.map((each) => partsOf(writes, each)),
    signal,
  );
  const rejected = new Map<string, Failure>();
  const actions: PlannedAction[] = [];
  for (const each of wanted) {
    const key = formatId(each.id);
    const rejection = refused.get(key);
    const parts = { ...partsOf(writes, each), force: writes.force };
    const action = rejection === undefined ? accepted(each.action) : await remade(target, parts, rejection, signal);
    if (action instanceof Failure) rejected.set(key, action);
    else actions.push({ ...each, action });
  }
  return { actions, rejected };
}

function accepted(action: Action): Action {
  return action.type === "recreate" ? { type: "update", changes: action.changes } : action;
}

/** An object that cannot be changed is made again, where it may and can be; else why not. */
async function remade(
  target: ApplyTarget,
  { manifest, object, force }: Parts & { readonly force: boolean },
  rejection: Failure,
  signal: AbortSignal,
): Promise<Action | Failure> {
  if (rejection.code !== "FieldImmutable") return rejection;
  const live = await target.cluster.get(refOf(object), signal);
  if (live === undefined || !mayRecreate(manifest, live, force)) return rejection;
  const unmakeable = await whyNotCreated(target, { manifest, object }, signal);
  return unmakeable ?? { type: "recreate", changes: [], reason: rejection.message };
}

/** The API server learns of its own definitions and policies a moment later, of quotas by a controller. */
const settleMs = 10_000;
const firstLookMs = 500;
const lookMs = 1_000;

/**
 * Asks by dry run, again and again for a while, what the API server has against objects now. Answers with what stays
 * rejected, by inventory id. Throws the errors of the way there.
 */
async function judgeAgain(
  target: ApplyTarget,
  objects: readonly Parts[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  let open = objects;
  let rejected: ReadonlyMap<string, Failure> = new Map();
  if (open.length === 0) return rejected;
  const end = performance.now() + settleMs;
  await target.slot.releaseWhile(() => pause(firstLookMs, signal));
  for (;;) {
    const failures = await inParallel(open, 16, (each) => whyRejected(target, each, signal), signal);
    const found = open.flatMap(({ manifest }, index) => {
      const failure = failures[index];
      return failure === undefined ? [] : [[formatId(manifest.id), failure] as const];
    });
    rejected = new Map(found);
    open = open.filter(({ manifest }) => rejected.has(formatId(manifest.id)));
    if (open.length === 0 || performance.now() > end) return rejected;
    await target.slot.releaseWhile(() => pause(lookMs, signal));
  }
}

async function whyRejected(target: ApplyTarget, { manifest, object }: Parts, signal: AbortSignal) {
  try {
    await target.cluster.apply(object, { dryRun: true, force: true }, signal);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    return rejectionOf(thrown, manifest);
  }
}
