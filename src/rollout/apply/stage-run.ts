import { whenOver } from "../../model/async/heard-elsewhere.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { StageWrites } from "./stage-writes.ts";

/** A stage that is being written. */
export interface StageRun {
  readonly target: ApplyTarget;
  readonly writes: StageWrites;
  /** `StageWrites.onFound`, one call after the other although objects are written side by side. */
  readonly onFound: NonNullable<StageWrites["onFound"]>;
  /** The resourceVersion of every object that was written. */
  readonly versions: Map<string, string>;
  /** What was done otherwise than planned. */
  readonly revised: Map<string, Action>;
  /** What is tried again when the rest of the stage has been written. */
  readonly postponed: PlannedAction[];
  /** Something was waited for, so that what was read before may be outdated. */
  waited: boolean;
}

/** A stage of which nothing has been written yet. */
export function startStage(target: ApplyTarget, writes: StageWrites): StageRun {
  const onFound = inSequence(writes.onFound);
  return { target, writes, onFound, versions: new Map(), revised: new Map(), postponed: [], waited: false };
}

function inSequence(onFound: StageWrites["onFound"]): StageRun["onFound"] {
  let last: Promise<void> = Promise.resolve();
  return (planned) => {
    const called = last.then(() => onFound?.(planned));
    last = whenOver(called);
    return called;
  };
}
