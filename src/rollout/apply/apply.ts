import { createPace } from "../../clock/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { waves } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilServed } from "../wait/until-served.ts";
import { judgeLate } from "./judge-late.ts";
import { postpone } from "./postpone.ts";
import { type StageRun, startStage } from "./stage-run.ts";
import type { StageWrites } from "./stage-writes.ts";
import { applyOne, type Done } from "./write.ts";
import { isWrite, writtenIn } from "./write-order.ts";

const concurrency = 16;

/** What came of a stage. Keys are inventory ids. */
export interface Written {
  /** The resourceVersion of every object that was written. */
  readonly versions: ReadonlyMap<string, string>;
  /** What was done otherwise than planned, since an object was found otherwise right before its write. */
  readonly revised: ReadonlyMap<string, Action>;
}

/**
 * Writes what a plan says of one stage, wave by wave; the objects of a wave side by side. CRDs are awaited until their kinds
 * are served (HealthFailed, HealthTimeout). What could not be judged before is judged in its wave; what a later object of
 * the stage may mend is tried again at the end. Every object of a wave is tried before the failures are thrown together as
 * one `Failure`.
 */
export async function applyStage(target: ApplyTarget, writes: StageWrites, signal: AbortSignal): Promise<Written> {
  const stage = startStage(target, writes);
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
    if (wave === "definitions") await awaitDefinitions(stage, [...ready, ...judged.actions], signal);
  }
  await retryPostponed(stage, signal);
  return stage;
}

async function writeAll(
  { target, writes, onFound, versions, revised, waited }: StageRun,
  actions: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>();
  const writable = actions.filter(({ action }) => isWrite(action));
  const write = async (action: PlannedAction) => {
    const key = formatId(action.id);
    const result = await applyOne(target, action, { writes, onFound, waited }, signal);
    if (result instanceof Failure) failures.set(key, result);
    else {
      const version = result.object?.metadata.resourceVersion;
      if (version !== undefined) versions.set(key, version);
      if (result.action.type === "skip" || isFound(action, result)) revised.set(key, result.action);
    }
  };
  // At the deadline, what was waited for in vain says more than the deadline itself.
  await inParallel(writable, concurrency, write, signal).catch((thrown: unknown) => {
    if (failures.size === 0 || !signal.aborted) throw thrown;
  });
  return failures;
}

/** It was to be created, and existed. */
function isFound({ action }: PlannedAction, done: Done): boolean {
  return action.type === "create" && done.action.type === "update";
}

async function awaitDefinitions(
  stage: StageRun,
  actions: readonly PlannedAction[],
  signal: AbortSignal,
): Promise<void> {
  const { target, writes } = stage;
  const awaited = definitions(actions, writes);
  if (awaited.length === 0) return;
  await target.slot.releaseWhile(() => waitUntilServed(target.cluster, awaited, signal));
  stage.waited = true;
}

function definitions(actions: readonly PlannedAction[], { manifests }: StageWrites): readonly Manifest[] {
  const ids = actions
    .filter(({ action }) => isWrite(action))
    .map(({ id }) => id)
    .filter(({ kind }) => kind === "CustomResourceDefinition");
  return ids.map((id) => manifests.get(formatId(id))).filter((manifest) => manifest !== undefined);
}

async function retryPostponed(stage: StageRun, signal: AbortSignal): Promise<void> {
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
