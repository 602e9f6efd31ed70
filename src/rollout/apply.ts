import { inParallel, refOf } from "../cluster/index.ts";
import { Failure, type Problem, toFailure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { describeId, formatId, type ObjectId } from "../model/object-id.ts";
import type { Action, PlannedAction } from "../model/plan.ts";
import {
  isTakeOver,
  isTerminating,
  takeOver,
  takeOverPatch,
  type Wave,
  waveOf,
  waves,
  withoutServerFields,
} from "../plan/index.ts";
import { applyMoved } from "./apply-moved.ts";
import { isShaper, judgeAgain, mayMend } from "./deferred.ts";
import { isError, named } from "./rejection.ts";
import type { Target } from "./target.ts";
import { waitUntilGone, waitUntilServed } from "./wait-for.ts";

const concurrency = 16;

/** What there is to write in one stage. Keys are inventory ids. */
export interface StageWrites {
  readonly actions: readonly PlannedAction[];
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** What is to be judged right before its wave. */
  readonly deferred: ReadonlySet<string>;
}

/** The resourceVersion of every object that was written, by inventory id. */
export type Written = ReadonlyMap<string, string>;

/**
 * Writes what a plan says of one stage, wave by wave; inside a wave at the same time. CRDs are awaited until their kinds
 * are served (HealthFailed, HealthTimeout). What could not be judged before is judged when its wave comes; what a later
 * object of the stage may mend is tried again at the end. Every object of a wave is tried before the failures are thrown
 * together as one `Failure`.
 */
export async function applyStage(target: Target, writes: StageWrites, signal: AbortSignal): Promise<Written> {
  const stage: Applying = { target, writes, written: new Map(), postponed: [] };
  for (const wave of waves) {
    const actions = writes.actions.filter(({ id, action }) => writtenIn(id, action) === wave);
    const rejected = await judgeWave(stage, wave, signal);
    const writable = actions.filter(({ id, action }) => isWrite(action) && !rejected.has(formatId(id)));
    const refused = new Map([...rejected, ...(await writeAll(stage, writable, signal))]);
    throwTogether([...postpone(stage, wave, refused).values()]);
    const awaited = wave === "definitions" ? definitions(writable, writes) : [];
    if (awaited.length > 0) {
      await target.turn.awaiting(() => waitUntilServed(target.cluster, awaited, signal), signal);
    }
  }
  await tryAgain(stage, signal);
  return stage.written;
}

interface Applying {
  readonly target: Target;
  readonly writes: StageWrites;
  readonly written: Map<string, string>;
  /** What is tried again when the rest of the stage has been written. */
  readonly postponed: PlannedAction[];
}

function isWrite({ type }: Action): boolean {
  return type === "create" || type === "update" || type === "recreate";
}

/**
 * The wave in which an object is written. A policy that is there already and changes is written early, so that what it
 * judges is judged by what it says now; a webhook only when the program behind it has been written.
 */
function writtenIn(id: ObjectId, { type }: Action): Wave {
  const early = id.group === "admissionregistration.k8s.io" && /Policy(?:Binding)?$/.test(id.kind);
  return early && (type === "update" || type === "recreate") ? "access" : waveOf(id);
}

/** What the API server has against those of a wave that were not judged before. */
async function judgeWave({ target, writes }: Applying, wave: Wave, signal: AbortSignal) {
  const wanted = writes.actions.filter(
    ({ id, action }) => writes.deferred.has(formatId(id)) && writtenIn(id, action) === wave && action.type !== "skip",
  );
  return judgeAgain(
    target,
    wanted.map((action) => partsOf(writes, action)),
    signal,
  );
}

async function writeAll(
  { target, writes, written }: Applying,
  actions: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>();
  const write = async (action: PlannedAction) => {
    const key = formatId(action.id);
    const result = await applyOne(target, action, partsOf(writes, action), signal);
    if (result instanceof Failure) failures.set(key, result);
    else if (result.metadata.resourceVersion !== undefined) written.set(key, result.metadata.resourceVersion);
  };
  // Where time is up, what was waited for in vain says more than that.
  await inParallel(actions, concurrency, write, signal).catch((thrown: unknown) => {
    if (failures.size === 0) throw thrown;
  });
  return failures;
}

/** Puts off what something of this wave or of one to come may mend; answers with the failures that nothing will. */
function postpone(
  { writes, postponed }: Applying,
  wave: Wave,
  refused: ReadonlyMap<string, Failure>,
): ReadonlyMap<string, Failure> {
  const from = waves.indexOf(wave);
  const coming = writes.actions.filter(
    ({ id, action }) => isWrite(action) && isShaper(id) && waves.indexOf(writtenIn(id, action)) >= from,
  );
  const final = new Map<string, Failure>();
  for (const [key, failure] of refused) {
    const action = writes.actions.find(({ id }) => formatId(id) === key);
    const mendable =
      action !== undefined &&
      coming.some((shaper) => {
        const { manifest } = partsOf(writes, shaper);
        return !refused.has(formatId(shaper.id)) && mayMend(manifest, partsOf(writes, action).manifest, failure);
      });
    if (mendable) postponed.push(action);
    else final.set(key, failure);
  }
  return final;
}

async function tryAgain(stage: Applying, signal: AbortSignal): Promise<void> {
  const { target, writes, postponed } = stage;
  const judged = postponed.map((action) => partsOf(writes, action));
  const rejected = await judgeAgain(target, judged, signal);
  throwTogether([...rejected.values()]);
  const writable = postponed.filter(({ action }) => isWrite(action));
  throwTogether([...(await writeAll(stage, writable, signal)).values()]);
}

/** What a planned action is about. */
interface Parts {
  readonly manifest: Manifest;
  readonly object: KubeObject;
}

/** Throws `Failure` (Bug) where a plan says what to do with an object that does not travel beside it. */
function partsOf({ manifests, objects }: StageWrites, { id }: PlannedAction): Parts {
  const key = formatId(id);
  const manifest = manifests.get(key);
  const object = objects.get(key);
  if (manifest !== undefined && object !== undefined) return { manifest, object };
  const hint = "this is a bug in mooring: please report it";
  throw new Failure("Bug", { object: describeId(id), message: "is planned to be written, and is not there", hint });
}

/** Applies one object and remembers it as verified; answers with the failure instead of throwing it. */
async function applyOne(
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
export async function applyLasting(target: Target, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
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
  await target.turn.awaiting(() => waitUntilGone(target.cluster, refOf(object), uid, signal), signal);
}

/** Deletes the object and makes it anew. Where it is refused after all, what was there is put back. */
async function recreate(target: Target, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const before = await remove(target, object, signal);
  try {
    return await applyLasting(target, object, signal);
  } catch (thrown) {
    if (before === undefined || signal.aborted || !(thrown instanceof Failure) || isError(thrown)) throw thrown;
    const { status: _status, ...content } = withoutServerFields(before);
    await target.cluster.create(content as KubeObject, signal);
    throw thrown;
  }
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
  await target.turn.awaiting(() => waitUntilGone(target.cluster, refOf(object), uid, signal), signal);
  return live;
}

function throwTogether(failures: readonly Failure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const problems: readonly Problem[] = failures.flatMap((failure) => failure.problems);
  throw new Failure(first.code, problems, { cause: first });
}

function definitions(actions: readonly PlannedAction[], { manifests }: StageWrites): readonly Manifest[] {
  const ids = actions.map(({ id }) => id).filter(({ kind }) => kind === "CustomResourceDefinition");
  return ids.map((id) => manifests.get(formatId(id))).filter((manifest) => manifest !== undefined);
}
