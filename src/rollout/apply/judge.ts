import { pause } from "../../clock/index.ts";
import { refOf } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { mayRecreate } from "../../plan/index.ts";
import { rejectionOf } from "../judge/rejection.ts";
import { whyNotCreated } from "../judge/why-not-created.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { type Parts, partsOf, type StageWrites } from "./stage-writes.ts";

/** What was judged now that other parts of the stage have been written. */
export interface Judged {
  /** What may be done, as it is to be done. */
  readonly actions: readonly PlannedAction[];
  /** Why the API server rejects the others, by inventory id. */
  readonly rejected: ReadonlyMap<string, Failure>;
}

/**
 * Judges by dry run what could not be judged before. Only now is it certain whether an object must be deleted to be made
 * again, and whether the new one would be accepted. Throws `Failure` where the API cannot answer.
 */
export async function judge(
  target: ApplyTarget,
  writes: Pick<StageWrites, "manifests" | "objects" | "force">,
  planned: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<Judged> {
  const wanted = planned.filter(({ action }) => action.type !== "skip");
  const parts = wanted.map((each) => partsOf(writes, each));
  const rejections = await stillRejected(target, parts, signal);
  const rejected = new Map<string, Failure>();
  const actions: PlannedAction[] = [];
  for (const each of wanted) {
    const key = formatId(each.id);
    const rejection = rejections.get(key);
    const object = { ...partsOf(writes, each), force: writes.force };
    const action = rejection === undefined ? accepted(each.action) : await recreated(target, object, rejection, signal);
    if (action instanceof Failure) rejected.set(key, action);
    else actions.push({ ...each, action });
  }
  return { actions, rejected };
}

function accepted(action: Action): Action {
  return action.type === "recreate" ? { type: "update", changes: action.changes } : action;
}

/** An object with a changed immutable field is recreated, where it may and can be; else the reason why not. */
async function recreated(
  target: ApplyTarget,
  { manifest, object, force }: Parts & { readonly force: boolean },
  rejection: Failure,
  signal: AbortSignal,
): Promise<Action | Failure> {
  if (rejection.code !== "FieldImmutable") return rejection;
  const live = await target.cluster.get(refOf(object), signal);
  if (live === undefined || !mayRecreate(manifest, live, force)) return rejection;
  const refusal = await whyNotCreated(target, { manifest, object }, signal);
  return refusal ?? { type: "recreate", changes: [], reason: rejection.message };
}

/** The API server learns of its own definitions and policies a moment later, of quotas by a controller. */
const settleMs = 10_000;
const firstPauseMs = 500;
const pauseMs = 1_000;

/**
 * Repeats the dry run for a while, and answers with what stays rejected, by inventory id. Throws `Failure` where the API
 * cannot answer.
 */
async function stillRejected(
  target: ApplyTarget,
  objects: readonly Parts[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  let open = objects;
  let rejected: ReadonlyMap<string, Failure> = new Map();
  if (open.length === 0) return rejected;
  const end = performance.now() + settleMs;
  await target.slot.releaseWhile(() => pause(firstPauseMs, signal));
  for (;;) {
    const failures = await inParallel(open, 16, (each) => whyRejected(target, each, signal), signal);
    const found = open.flatMap(({ manifest }, index) => {
      const failure = failures[index];
      return failure === undefined ? [] : [[formatId(manifest.id), failure] as const];
    });
    rejected = new Map(found);
    open = open.filter(({ manifest }) => rejected.has(formatId(manifest.id)));
    if (open.length === 0 || performance.now() > end) return rejected;
    await target.slot.releaseWhile(() => pause(pauseMs, signal));
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
