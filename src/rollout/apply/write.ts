import { refOf } from "../../cluster/index.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { isTakeOver, isTerminating, takeOver } from "../../plan/index.ts";
import { isError, withObject } from "../judge/rejection.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { applyMoved } from "./apply-moved.ts";
import { type Pending, type Rechecked, recheck } from "./recheck.ts";
import { deleteOrReread, type Removed, restore } from "./recreate.ts";
import { partsOf, type StageWrites } from "./stage-writes.ts";
import { takeOverFields } from "./take-over-fields.ts";

/** What was done with an object: as planned, unless it was found otherwise right before. */
export interface Done {
  readonly action: Action;
  /** As it is now, where it was written. */
  readonly object?: KubeObject;
}

/** What a write goes by beside the plan. */
export interface Writing {
  readonly writes: StageWrites;
  /** Something was waited for since the objects were read. */
  readonly waited: boolean;
  readonly onFound: NonNullable<StageWrites["onFound"]>;
}

/**
 * Rechecks one object, applies it so that it is there afterwards, and remembers it as compared; answers with the failure
 * instead of throwing it. Where the API server refuses the new object after all, the one deleted for it is restored.
 */
export async function applyOne(
  target: ApplyTarget,
  planned: PlannedAction,
  { writes, waited, onFound }: Writing,
  signal: AbortSignal,
): Promise<Done | Failure> {
  const parts = partsOf(writes, planned);
  const { by, seen } = writes;
  const removed: Removed = { attempts: 0, object: undefined };
  try {
    let pending: Pending = { planned, parts, by, seen, waited };
    for (;;) {
      const rechecked = await recheck(target, pending, signal);
      const { action } = rechecked;
      if (action.type === "skip") return { action };
      if (action.type === "recreate") pending = await deleteOrReread(target, pending, { rechecked, removed }, signal);
      else {
        if (action.type === "update" && planned.action.type === "create") await onFound({ ...planned, action });
        const object = await applyRechecked(target, parts.manifest, rechecked, signal);
        if (!isTerminating(object)) return { action, object };
        // A write to an object that is being deleted goes with it.
        pending = { ...pending, waited: true };
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) signal.throwIfAborted();
    const failure = toFailure(thrown);
    const isRefused = !signal.aborted && thrown instanceof Failure && !isError(thrown);
    return withObject(isRefused ? await restore(target, removed.object, failure, signal) : failure, parts.manifest);
  }
}

async function applyRechecked(
  target: ApplyTarget,
  manifest: Manifest,
  { action, object }: Rechecked,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (action.type === "update" && action.changes.some(isTakeOver)) await takeOverFields(target, object, signal);
  const from = action.type === "update" ? action.from : undefined;
  const { object: applied } =
    from === undefined
      ? await target.cluster.apply(object, { dryRun: false, force: true }, signal)
      : await applyMoved(target, { object, from }, signal);
  // Fields that a former manager still holds are taken over by the next pass, which must compare the object again.
  const isDone = !isTerminating(applied) && takeOver(applied, object) === undefined;
  if (isDone) target.comparisons.rememberClean(manifest, object, applied);
  return applied;
}

/**
 * Creates an object of the stage again where it is gone, and answers with its resourceVersion then; undefined where it is
 * still there. Throws `Failure`.
 */
export async function applyIfGone(
  target: ApplyTarget,
  writes: Pick<StageWrites, "manifests" | "objects">,
  id: ObjectId,
  signal: AbortSignal,
): Promise<string | undefined> {
  const key = formatId(id);
  const [manifest, object] = [writes.manifests.get(key), writes.objects.get(key)];
  if (manifest === undefined || object === undefined) return undefined;
  try {
    if ((await target.cluster.get(refOf(object), signal)) !== undefined) return undefined;
    const { object: applied } = await target.cluster.apply(object, { dryRun: false, force: true }, signal);
    target.comparisons.rememberClean(manifest, object, applied);
    return applied.metadata.resourceVersion;
  } catch (thrown) {
    throw thrown instanceof Failure ? withObject(thrown, manifest) : thrown;
  }
}
