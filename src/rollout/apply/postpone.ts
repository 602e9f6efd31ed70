import { createPace } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import { formatId } from "../../model/object-id.ts";
import { type Wave, waves } from "../../plan/index.ts";
import { mayMend, mayShape } from "../judge/shapers.ts";
import type { StageRun } from "./stage-run.ts";
import { partsOf } from "./stage-writes.ts";
import { isWrite, writtenIn } from "./write-order.ts";

/**
 * Postpones the refused objects that something of this wave or of a later one may mend, and answers with the failures that
 * nothing will mend. All by inventory id.
 */
export async function postpone(
  { writes, postponed }: Pick<StageRun, "writes" | "postponed">,
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
