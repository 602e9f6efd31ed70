import { createPace } from "../clock/index.ts";
import { inParallel } from "../cluster/index.ts";
import { Failure, type Problem } from "../model/failure.ts";
import type { Manifest } from "../model/manifest.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import type { Action, PlannedAction } from "../model/plan.ts";
import { type Wave, waveOf, waves } from "../plan/index.ts";
import { judge } from "./judge.ts";
import { isShaper, mayMend } from "./shapers.ts";
import type { Target } from "./target.ts";
import { waitUntilServed } from "./wait-for.ts";
import { applyOne, partsOf, type StageWrites } from "./write.ts";

const concurrency = 16;

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
  const pace = createPace();
  for (const wave of waves) {
    await pace();
    const actions = writes.actions.filter(({ id, action }) => writtenIn(id, action) === wave);
    const [late, ready] = partition(actions, ({ id }) => writes.deferred.has(formatId(id)));
    const early = await writeAll(stage, ready, signal);
    // Only now: what it is judged by may be of the same wave.
    const judged = await judge(target, writes, late, signal);
    const refused = new Map([...early, ...judged.rejected, ...(await writeAll(stage, judged.actions, signal))]);
    throwTogether([...(await postpone(stage, wave, refused)).values()]);
    const awaited = wave === "definitions" ? definitions([...ready, ...judged.actions], writes) : [];
    if (awaited.length > 0) {
      await target.turn.awaiting(() => waitUntilServed(target.cluster, awaited, signal));
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

async function writeAll(
  { target, writes, written }: Applying,
  actions: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>();
  const writable = actions.filter(({ action }) => isWrite(action));
  const write = async (action: PlannedAction) => {
    const key = formatId(action.id);
    const result = await applyOne(target, action, partsOf(writes, action), signal);
    if (result instanceof Failure) failures.set(key, result);
    else if (result.metadata.resourceVersion !== undefined) written.set(key, result.metadata.resourceVersion);
  };
  // Where time is up, what was waited for in vain says more than that.
  await inParallel(writable, concurrency, write, signal).catch((thrown: unknown) => {
    if (failures.size === 0 || !signal.aborted) throw thrown;
  });
  return failures;
}

/** Puts off what something of this wave or of one to come may mend; answers with the failures that nothing will. */
async function postpone(
  { writes, postponed }: Applying,
  wave: Wave,
  refused: ReadonlyMap<string, Failure>,
): Promise<ReadonlyMap<string, Failure>> {
  if (refused.size === 0) return refused;
  const from = waves.indexOf(wave);
  const coming = writes.actions.filter(
    ({ id, action }) => isWrite(action) && isShaper(id) && waves.indexOf(writtenIn(id, action)) >= from,
  );
  const mending = coming.filter(({ id }) => !refused.has(formatId(id))).map((each) => partsOf(writes, each).manifest);
  const actions = new Map(writes.actions.map((each) => [formatId(each.id), each]));
  const final = new Map<string, Failure>();
  const pace = createPace();
  for (const [key, failure] of refused) {
    await pace();
    const action = actions.get(key);
    const manifest = action && partsOf(writes, action).manifest;
    if (action !== undefined && manifest !== undefined && mending.some((each) => mayMend(each, manifest, failure))) {
      postponed.push(action);
    } else final.set(key, failure);
  }
  return final;
}

async function tryAgain(stage: Applying, signal: AbortSignal): Promise<void> {
  const { actions, rejected } = await judge(stage.target, stage.writes, stage.postponed, signal);
  throwTogether([...rejected.values()]);
  throwTogether([...(await writeAll(stage, actions, signal)).values()]);
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function throwTogether(failures: readonly Failure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const problems: readonly Problem[] = failures.flatMap((failure) => failure.problems);
  throw new Failure(first.code, problems, { cause: first });
}

function definitions(actions: readonly PlannedAction[], { manifests }: StageWrites): readonly Manifest[] {
  const ids = actions
    .filter(({ action }) => isWrite(action))
    .map(({ id }) => id)
    .filter(({ kind }) => kind === "CustomResourceDefinition");
  return ids.map((id) => manifests.get(formatId(id))).filter((manifest) => manifest !== undefined);
}
