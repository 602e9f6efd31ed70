import { refOf } from "../../cluster/index.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId, formatId, type ObjectId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import {
  type Deciding,
  isTakeOver,
  isTerminating,
  takeOver,
  takeOverPatch,
  withoutServerFields,
} from "../../plan/index.ts";
import { isError, named } from "../judge/rejection.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilGone } from "../wait/wait-for.ts";
import { applyMoved } from "./apply-moved.ts";
import { type Pending, type Seen, type Settled, settle } from "./look-again.ts";

/** What there is to write in one stage. Keys are inventory ids. */
export interface StageWrites {
  readonly actions: readonly PlannedAction[];
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What is to be judged right before its wave. */
  readonly deferred: ReadonlySet<string>;
  /** What is immutable may be deleted to be made again, as far as nothing keeps it. */
  readonly force: boolean;
  readonly seen: Seen;
  /** What it is decided by again, right before each write. */
  readonly by: Deciding;
  /** Told before an object is changed that was to be made, and is there by now. */
  readonly onFound?: (planned: PlannedAction) => Promise<void>;
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

/** What was done with an object at last: as planned, unless it was found otherwise right before. */
export interface Done {
  readonly action: Action;
  /** As it is now, where it was written. */
  readonly object?: KubeObject;
}

/** What a write goes by beside the plan. */
export interface Writing {
  readonly writes: StageWrites;
  /** Something was waited for since the objects were looked at. */
  readonly waited: boolean;
  readonly found: NonNullable<StageWrites["onFound"]>;
}

const deleteAttempts = 10;

/**
 * Decides about one object once more, applies it so that it is there afterwards, and remembers it as verified; answers with
 * the failure instead of throwing it. Where a new one is refused after all, the one that was deleted for it is put back.
 */
export async function applyOne(
  target: ApplyTarget,
  planned: PlannedAction,
  { writes, waited, found }: Writing,
  signal: AbortSignal,
): Promise<Done | Failure> {
  const parts = partsOf(writes, planned);
  const { by, seen } = writes;
  const removed: Removed = { attempts: 0, object: undefined };
  try {
    let pending: Pending = { planned, parts, by, seen, waited };
    for (;;) {
      const settled = await settle(target, pending, signal);
      const { action } = settled;
      if (action.type === "skip") return { action };
      if (action.type === "recreate") pending = await makeRoom(target, pending, { settled, removed }, signal);
      else {
        if (action.type === "update" && planned.action.type === "create") await found({ ...planned, action });
        const object = await applySettled(target, parts.manifest, settled, signal);
        if (!isTerminating(object)) return { action, object };
        // What is written to one that is being deleted goes with it.
        pending = { ...pending, waited: true };
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Failure)) signal.throwIfAborted();
    const failure = toFailure(thrown);
    const isRefused = !signal.aborted && thrown instanceof Failure && !isError(thrown);
    return named(isRefused ? await putBack(target, removed.object, failure, signal) : failure, parts.manifest);
  }
}

/** What was deleted to be made again. */
interface Removed {
  attempts: number;
  object: KubeObject | undefined;
}

/** Deletes what is to be made again, and answers with what there is to do then: to look again where somebody changed it. */
async function makeRoom(
  target: ApplyTarget,
  pending: Pending,
  { settled: { live }, removed }: { readonly settled: Settled; readonly removed: Removed },
  signal: AbortSignal,
): Promise<Pending> {
  removed.attempts += 1;
  if (!(await remove(target, live, removed.attempts < deleteAttempts, signal))) return pending;
  removed.object = live;
  return { ...pending, planned: { ...pending.planned, action: { type: "create" } }, waited: true };
}

async function applySettled(
  target: ApplyTarget,
  manifest: Manifest,
  { action, object }: Settled,
  signal: AbortSignal,
): Promise<KubeObject> {
  if (action.type === "update" && action.changes.some(isTakeOver)) await takeOverFields(target, object, signal);
  const from = action.type === "update" ? action.from : undefined;
  const { object: applied } =
    from === undefined
      ? await target.cluster.apply(object, { dryRun: false, force: true }, signal)
      : await applyMoved(target, { object, from }, signal);
  // What a former manager still holds is taken over by the next pass, which must look at it again.
  const isDone = !isTerminating(applied) && takeOver(applied, object) === undefined;
  if (isDone) target.comparisons.remember(manifest, object, applied);
  return applied;
}

/**
 * Makes an object of the stage again where it is not there any more; answers with its resourceVersion then. Throws
 * `Failure`.
 */
export async function applyIfGone(
  target: ApplyTarget,
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
    target.comparisons.remember(manifest, object, applied);
    return applied.metadata.resourceVersion;
  } catch (thrown) {
    throw thrown instanceof Failure ? named(thrown, manifest) : thrown;
  }
}

/** Answers with why the new one was refused, and where the former one cannot be put back, with that too. */
async function putBack(
  target: ApplyTarget,
  before: KubeObject | undefined,
  refusal: Failure,
  signal: AbortSignal,
): Promise<Failure> {
  if (before === undefined) return refusal;
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
async function takeOverFields(
  target: ApplyTarget,
  object: KubeObject,
  signal: AbortSignal,
  attempt = 1,
): Promise<void> {
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

/** Deletes what was seen, and waits for its end; false where somebody changed it meanwhile, so that it is looked at again. */
async function remove(
  target: ApplyTarget,
  live: KubeObject | undefined,
  mayHaveMoved: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid, resourceVersion } = live?.metadata ?? {};
  if (live === undefined || uid === undefined) return true;
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  try {
    await target.cluster.delete(refOf(live), { uid, ...version, propagation: "Background" }, signal);
  } catch (thrown) {
    if (!mayHaveMoved || !(thrown instanceof Failure) || thrown.code !== "Conflict") throw thrown;
    return false;
  }
  await target.slot.releaseWhile(() => waitUntilGone(target.cluster, refOf(live), uid, signal));
  return true;
}
