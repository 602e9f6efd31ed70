import { refOf } from "../cluster/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { describeId, formatId, type ObjectId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";
import { isTakeOver, isTerminating, takeOver, takeOverPatch, withoutServerFields } from "../plan/index.ts";
import { applyMoved } from "./apply-moved.ts";
import { isError, named } from "./rejection.ts";
import type { Target } from "./target.ts";
import { waitUntilGone } from "./wait-for.ts";

/** What there is to write in one stage. Keys are inventory ids. */
export interface StageWrites {
  readonly actions: readonly PlannedAction[];
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What is to be judged right before its wave. */
  readonly deferred: ReadonlySet<string>;
  /** What is immutable may be deleted to be made again, as far as nothing keeps it. */
  readonly force: boolean;
}

/** What a planned action is about. */
export interface Parts {
  readonly manifest: Manifest;
  readonly object: KubeObject;
}

/** Throws `Failure` (Bug) where a plan says what to do with an object that does not travel beside it. */
export function partsOf({ manifests, objects }: StageWrites, { id }: PlannedAction): Parts {
  const key = formatId(id);
  const manifest = manifests.get(key);
  const object = objects.get(key);
  if (manifest !== undefined && object !== undefined) return { manifest, object };
  const hint = "this is a bug in mooring: please report it";
  throw new Failure("Bug", { object: describeId(id), message: "is planned to be written, and is not there", hint });
}

/** Applies one object and remembers it as verified; answers with the failure instead of throwing it. */
export async function applyOne(
  target: Target,
  { action }: PlannedAction,
  { manifest, object }: Parts,
  signal: AbortSignal,
): Promise<KubeObject | Failure> {
  try {
    if (action.type === "create" && action.after === "deletion") await waitUntilLeft(target, object, signal);
    if (action.type === "update" && action.changes.some(isTakeOver)) await takeOverFields(target, object, signal);
    const from = action.type === "update" ? action.from : undefined;
    const applied =
      action.type === "recreate"
        ? await recreate(target, object, signal)
        : from === undefined
          ? await applyLasting(target, object, signal)
          : (await applyMoved(target, { object, from }, signal)).object;
    // What a former manager still holds is taken over by the next pass, which must look at it again.
    if (takeOver(applied, object) === undefined) target.verified.remember(manifest, object, applied);
    return applied;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) signal.throwIfAborted();
    return named(toFailure(thrown), manifest);
  }
}

/**
 * Makes an object of the stage again where it is not there any more; answers with its resourceVersion then. Throws
 * `Failure`.
 */
export async function applyIfGone(
  target: Target,
  writes: StageWrites,
  id: ObjectId,
  signal: AbortSignal,
): Promise<string | undefined> {
  const key = formatId(id);
  const [manifest, object] = [writes.manifests.get(key), writes.objects.get(key)];
  if (manifest === undefined || object === undefined) return undefined;
  try {
    if ((await target.cluster.get(refOf(object), signal)) !== undefined) return undefined;
    const { object: applied } = await target.cluster.apply(object, { dryRun: false, force: true }, signal);
    target.verified.remember(manifest, object, applied);
    return applied.metadata.resourceVersion;
  } catch (thrown) {
    throw thrown instanceof Failure ? named(thrown, manifest) : thrown;
  }
}

/** Applies an object that is there afterwards: what is written to one that is being deleted goes with it. */
async function applyLasting(target: Target, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  for (;;) {
    const { object: applied } = await target.cluster.apply(object, { dryRun: false, force: true }, signal);
    if (!isTerminating(applied)) return applied;
    await waitUntilLeft(target, object, signal);
  }
}

/** Waits for the end of an object that is being deleted; one that is not is no reason to wait. */
async function waitUntilLeft(target: Target, object: KubeObject, signal: AbortSignal): Promise<void> {
  const live = await target.cluster.get(refOf(object), signal);
  if (live?.metadata.uid === undefined || !isTerminating(live)) return;
  const { uid } = live.metadata;
  await target.turn.awaiting(() => waitUntilGone(target.cluster, refOf(object), uid, signal));
}

/** Deletes the object and makes it anew. Where it is refused after all, what was there is put back. */
async function recreate(target: Target, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const before = await remove(target, object, signal);
  try {
    return await applyLasting(target, object, signal);
  } catch (thrown) {
    if (before === undefined || signal.aborted || !(thrown instanceof Failure) || isError(thrown)) throw thrown;
    throw await putBack(target, before, thrown, signal);
  }
}

/** Answers with why the new one was refused, and where the former one cannot be put back, with that too. */
async function putBack(target: Target, before: KubeObject, refusal: Failure, signal: AbortSignal): Promise<Failure> {
  const { status: _status, ...content } = withoutServerFields(before);
  try {
    await target.cluster.create(content as KubeObject, signal);
    return refusal;
  } catch (thrown) {
    const lost = toFailure(thrown);
    const discreet = withLoss(refusal.discreet, lost.discreet);
    return new Failure(refusal.code, withLoss(refusal, lost).problems, { cause: thrown, discreet });
  }
}

function withLoss(refusal: Failure, lost: Failure): Failure {
  const problems = lost.problems.map((problem) => ({
    ...problem,
    message: `what was there before could not be put back: ${problem.message}`,
  }));
  return new Failure(refusal.code, [...refusal.problems, ...problems]);
}

const takeOverAttempts = 5;

/** Makes the fields of former managers Mooring's own, so that the apply that follows takes away what is not desired. */
async function takeOverFields(target: Target, object: KubeObject, signal: AbortSignal, attempt = 1): Promise<void> {
  const live = await target.cluster.get(refOf(object), signal);
  const from = live === undefined ? undefined : takeOver(live, object);
  if (from === undefined) return;
  try {
    await target.cluster.patch(refOf(object), { type: "json", body: takeOverPatch(from) }, {}, signal);
  } catch (thrown) {
    const moved = thrown instanceof Failure && thrown.code === "Conflict";
    if (!moved || attempt === takeOverAttempts) throw thrown;
    await takeOverFields(target, object, signal, attempt + 1);
  }
}

/** Answers with what was there. */
async function remove(target: Target, object: KubeObject, signal: AbortSignal): Promise<KubeObject | undefined> {
  const live = await target.cluster.get(refOf(object), signal);
  if (live?.metadata.uid === undefined) return undefined;
  const { uid } = live.metadata;
  await target.cluster.delete(refOf(object), { uid, propagation: "Background" }, signal);
  await target.turn.awaiting(() => waitUntilGone(target.cluster, refOf(object), uid, signal));
  return live;
}
