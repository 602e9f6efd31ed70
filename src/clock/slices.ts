import { setImmediate as nextTurn } from "node:timers/promises";

/** So long the event loop is kept from everybody else at a time, more or less: leases, probes and other Environments wait. */
const sliceMs = 10;

/** Waits for the next turn of the event loop where this one has lasted long enough. */
export type Pace = () => Promise<void>;

/** A pace for one piece of work, which asks for it often. */
export function createPace(): Pace {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await nextTurn();
    since = performance.now();
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
