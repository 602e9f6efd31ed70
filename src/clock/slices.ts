import { setImmediate as nextTurn } from "node:timers/promises";

/** So long the event loop is kept from everybody else at a time, more or less: leases, probes and other Environments wait. */
const sliceMs = 10;

/** Slices that wait for the event loop to go round. */
const waiting: (() => void)[] = [];
/** When the last of them had it. */
let since = 0;

/** Waits for another turn of the event loop where the last slice of anybody's work was begun long enough ago. */
export type Pace = () => Promise<void>;

/**
 * A pace for one piece of work, which awaits it often. Between two slices, of whatever work, the event loop goes round
 * once: many slices in a row would keep timers and answers waiting.
 */
export function createPace(): Pace {
  return async () => {
    if (performance.now() - since >= sliceMs) await ownTurn();
  };
}

/** Does work that comes in steps, in slices between which the event loop goes round. Throws what a step does. */
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

/** `setImmediate` fires with the next turn of the loop, so that it goes round between two slices. */
async function goOn(): Promise<void> {
  while (waiting.length > 0) {
    await nextTurn();
    since = performance.now();
    waiting.shift()?.();
  }
}
