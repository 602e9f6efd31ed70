import { setImmediate as nextTurn } from "node:timers/promises";

/** So long the event loop is kept from everybody else at a time, more or less: leases, probes and other Environments wait. */
const sliceMs = 10;

/** Who waits for a turn of the event loop of his own. */
const waiting: (() => void)[] = [];
/** When the last of them had it. */
let since = 0;

/** Waits for another turn of the event loop where the last slice of anybody's work was begun long enough ago. */
export type Pace = () => Promise<void>;

/**
 * A pace for one piece of work, which asks for it often. One slice is done a turn, whoever else works in slices: many at a
 * time would keep timers and answers waiting for as many slices.
 */
export function createPace(): Pace {
  return async () => {
    if (performance.now() - since >= sliceMs) await ownTurn();
  };
}

/** Does work that comes in steps, in slices between which others have their turn. Throws what a step does. */
export async function inSlices<Result>(steps: Generator<unknown, Result>): Promise<Result> {
  const pace = createPace();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pace();
  }
}

function ownTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) void goOn();
  });
}

/** What is asked for in a turn comes with the next: so the loop goes round between two slices. */
async function goOn(): Promise<void> {
  while (waiting.length > 0) {
    await nextTurn();
    since = performance.now();
    waiting.shift()?.();
  }
}
