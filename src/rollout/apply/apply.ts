import { createPace } from "../../clock/index.ts";
import { inParallel } from "../../cluster/index.ts";
import { whenOver } from "../../model/async/heard-elsewhere.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { type Wave, waveOf, waves } from "../../plan/index.ts";
import { isUnconverted } from "../judge/conversion.ts";
import { type Judged, judge } from "../judge/judge.ts";
import { named } from "../judge/rejection.ts";
import { mayMend, mayShape } from "../judge/shapers.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilServed } from "../wait/wait-for.ts";
import { settle } from "./look-again.ts";
import { applyOne, type Done, partsOf, type StageWrites } from "./write.ts";

const concurrency = 16;

/** What came of a stage. Keys are inventory ids. */
export interface Written {
  /** The resourceVersion of every object that was written. */
  readonly versions: ReadonlyMap<string, string>;
  /** What was done otherwise than planned, since an object was found otherwise right before. */
  readonly settled: ReadonlyMap<string, Action>;
}

/**
 * Writes what a plan says of one stage, wave by wave; inside a wave at the same time. CRDs are awaited until their kinds
 * are served (HealthFailed, HealthTimeout). What could not be judged before is judged when its wave comes; what a later
 * object of the stage may mend is tried again at the end. Every object of a wave is tried before the failures are thrown
 * together as one `Failure`.
 */
export async function applyStage(target: ApplyTarget, writes: StageWrites, signal: AbortSignal): Promise<Written> {
  const found = oneByOne(writes.onFound);
  const stage: Applying = {
    target,
    writes,
    found,
    versions: new Map(),
    settled: new Map(),
    postponed: [],
    waited: false,
  };
  const pace = createPace();
  for (const wave of waves) {
    await pace();
    const actions = writes.actions.filter(({ id, action }) => writtenIn(id, action) === wave);
    const [late, ready] = partition(actions, ({ id }) => writes.deferred.has(formatId(id)));
    const early = await writeAll(stage, ready, signal);
    // Only now: what it is judged by may be of the same wave.
    const judged = await judgeLate(stage, late, signal);
    const refused = new Map([...early, ...judged.rejected, ...(await writeAll(stage, judged.actions, signal))]);
    throwTogether([...(await postpone(stage, wave, refused)).values()]);
    const awaited = wave === "definitions" ? definitions([...ready, ...judged.actions], writes) : [];
    if (awaited.length > 0) {
      await target.slot.releaseWhile(() => waitUntilServed(target.cluster, awaited, signal));
      stage.waited = true;
    }
  }
  await tryAgain(stage, signal);
  return stage;
}

interface Applying {
  readonly target: ApplyTarget;
  readonly writes: StageWrites;
  readonly found: NonNullable<StageWrites["onFound"]>;
  readonly versions: Map<string, string>;
  readonly settled: Map<string, Action>;
  /** What is tried again when the rest of the stage has been written. */
  readonly postponed: PlannedAction[];
  /** Something was waited for, so that what was seen before may be so no more. */
  waited: boolean;
}

/** Objects are written at the same time; this is told of one after the other. */
function oneByOne(onFound: StageWrites["onFound"]): NonNullable<StageWrites["onFound"]> {
  let last: Promise<void> = Promise.resolve();
  return (planned) => {
    const told = last.then(() => onFound?.(planned));
    last = whenOver(told);
    return told;
  };
}

/** What is left alone by now is not judged: nothing will be written to it. */
async function judgeLate(stage: Applying, late: readonly PlannedAction[], signal: AbortSignal): Promise<Judged> {
  const { target, writes } = stage;
  if (late.length === 0) return { actions: [], rejected: new Map() };
  stage.waited = true;
  const refused = new Map<string, Failure>();
  const objects = new Map(writes.objects);
  const open: PlannedAction[] = [];
  const look = async (planned: PlannedAction) => {
    const parts = partsOf(writes, planned);
    const key = formatId(planned.id);
    try {
      const { by, seen } = writes;
      const pending = { planned, parts, by, seen, waited: true };
      const { action, object } = isWrite(planned.action)
        ? await settle(target, pending, signal)
        : { ...planned, ...parts };
      objects.set(key, object);
      if (action.type === "skip") stage.settled.set(key, action);
      else open.push(planned);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      // The definition that mends it takes a moment; until then it is judged again and again.
      if (isUnconverted(thrown)) open.push(planned);
      else refused.set(key, named(thrown, parts.manifest));
    }
  };
  await inParallel(late, concurrency, look, signal);
  const judged = await judge(target, { ...writes, objects }, open, signal);
  return { ...judged, rejected: new Map([...refused, ...judged.rejected]) };
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
  { target, writes, found, versions, settled, waited }: Applying,
  actions: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>();
  const writable = actions.filter(({ action }) => isWrite(action));
  const write = async (action: PlannedAction) => {
    const key = formatId(action.id);
    const result = await applyOne(target, action, { writes, found, waited }, signal);
    if (result instanceof Failure) failures.set(key, result);
    else {
      const version = result.object?.metadata.resourceVersion;
      if (version !== undefined) versions.set(key, version);
      if (result.action.type === "skip" || isFound(action, result)) settled.set(key, result.action);
    }
  };
  // Where time is up, what was waited for in vain says more than that.
  await inParallel(writable, concurrency, write, signal).catch((thrown: unknown) => {
    if (failures.size === 0 || !signal.aborted) throw thrown;
  });
  return failures;
}

/** It was to be made, and was there. */
function isFound({ action }: PlannedAction, done: Done): boolean {
  return action.type === "create" && done.action.type === "update";
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
    ({ id, action }) => isWrite(action) && mayShape(id) && waves.indexOf(writtenIn(id, action)) >= from,
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
  const { actions, rejected } = await judgeLate(stage, stage.postponed, signal);
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
