import { inParallel } from "../cluster/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { describeId, formatId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";
import { waveOf, waves } from "../plan/index.ts";
import type { Target } from "./target.ts";

/** What came of pruning: the inventory ids that could not be deleted, and why. They stay in the inventory. */
export interface Pruned {
  readonly survivors: readonly string[];
  readonly failure: Failure | undefined;
}

/**
 * Deletes what a plan says, in reverse order of waves. Each deletion names the uid that was seen, so an object that took
 * the name since is never hit. One that cannot be deleted does not keep the others.
 */
export async function prune(
  target: Target,
  actions: readonly PlannedAction[],
  live: ReadonlyMap<string, KubeObject>,
  signal: AbortSignal,
): Promise<Pruned> {
  const survivors: string[] = [];
  const failures: Failure[] = [];
  const deletions = actions.filter(({ action }) => action.type === "delete");
  for (const wave of [...waves].reverse()) {
    await inParallel(
      deletions.filter(({ id }) => waveOf(id) === wave),
      16,
      async (action) => {
        const failure = await deleteOne(target, action, live.get(formatId(action.id)), signal);
        if (failure === undefined) return;
        survivors.push(formatId(action.id));
        failures.push(failure);
      },
      signal,
    );
  }
  const [first] = failures;
  const problems = failures.flatMap((failure) => failure.problems);
  return { survivors, failure: first === undefined ? undefined : new Failure(first.code, problems, { cause: first }) };
}

async function deleteOne(
  target: Target,
  { id }: PlannedAction,
  live: KubeObject | undefined,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const uid = live?.metadata.uid;
  if (live === undefined || uid === undefined) return undefined;
  const ref = { apiVersion: live.apiVersion, kind: id.kind, namespace: id.namespace, name: id.name };
  try {
    await target.cluster.delete(ref, { uid, propagation: "Background" }, signal);
    target.verified.forget(id);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toFailure(thrown);
    if (failure.code === "Conflict" || failure.code === "NotFound") return undefined;
    return new Failure(
      failure.code,
      failure.problems.map((problem) => ({ object: describeId(id), ...problem })),
      { cause: failure },
    );
  }
}
