import { inParallel, refOf } from "../cluster/index.ts";
import { Failure, type Problem, toFailure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";
import { isTakeOver, takeOver, takeOverPatch, waveOf, waves } from "../plan/index.ts";
import { applyMoved } from "./apply-moved.ts";
import { named } from "./observe.ts";
import type { Target } from "./target.ts";
import { waitUntilGone, waitUntilServed } from "./wait-for.ts";

const concurrency = 16;

/** What there is to write in one stage. Keys are inventory ids. */
export interface StageWrites {
  readonly actions: readonly PlannedAction[];
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly objects: ReadonlyMap<string, KubeObject>;
}

/** The resourceVersion of every object that was written, by inventory id. */
export type Written = ReadonlyMap<string, string>;

/**
 * Writes what a plan says of one stage, wave by wave; inside a wave at the same time. CRDs are awaited until their kinds
 * are served (HealthFailed, HealthTimeout). Every object of a wave is tried before the failures are thrown together as one
 * `Failure`.
 */
export async function applyStage(target: Target, writes: StageWrites, signal: AbortSignal): Promise<Written> {
  const written = new Map<string, string>();
  for (const wave of waves) {
    const actions = writes.actions.filter(({ id, action }) => waveOf(id) === wave && writable(action.type));
    const failures: Failure[] = [];
    await inParallel(
      actions,
      concurrency,
      async (action) => {
        const result = await applyOne(target, action, writes, signal);
        if (result instanceof Failure) failures.push(result);
        else if (result?.metadata.resourceVersion !== undefined) {
          written.set(formatId(action.id), result.metadata.resourceVersion);
        }
      },
      signal,
    );
    throwTogether(failures);
    const awaited = wave === "definitions" ? definitions(actions, writes) : [];
    if (awaited.length > 0) {
      await target.turn.awaiting(() => waitUntilServed(target.cluster, awaited, signal), signal);
    }
  }
  return written;
}

function writable(type: PlannedAction["action"]["type"]): boolean {
  return type === "create" || type === "update" || type === "recreate";
}

/** Applies one object and remembers it as verified; answers with the failure instead of throwing it. */
async function applyOne(
  target: Target,
  action: PlannedAction,
  writes: StageWrites,
  signal: AbortSignal,
): Promise<KubeObject | Failure | undefined> {
  const key = formatId(action.id);
  const manifest = writes.manifests.get(key);
  const object = writes.objects.get(key);
  if (manifest === undefined || object === undefined) return undefined;
  try {
    if (action.action.type === "recreate") await remove(target, object, signal);
    if (action.action.type === "update" && action.action.changes.some(isTakeOver)) {
      await takeOverFields(target, object, signal);
    }
    const from = action.action.type === "update" ? action.action.from : undefined;
    const applied =
      from === undefined
        ? await target.cluster.apply(object, { dryRun: false, force: true }, signal)
        : await applyMoved(target, { object, from }, signal);
    // What a former manager still holds is taken over by the next pass, which must look at it again.
    if (takeOver(applied.object, object) === undefined) target.verified.remember(manifest, object, applied.object);
    return applied.object;
  } catch (thrown) {
    signal.throwIfAborted();
    return named(toFailure(thrown), manifest);
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

async function remove(target: Target, object: KubeObject, signal: AbortSignal): Promise<void> {
  const live = await target.cluster.get(refOf(object), signal);
  if (live?.metadata.uid === undefined) return;
  await target.cluster.delete(refOf(object), { uid: live.metadata.uid, propagation: "Background" }, signal);
  const { uid } = live.metadata;
  await target.turn.awaiting(() => waitUntilGone(target.cluster, refOf(object), uid, signal), signal);
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
