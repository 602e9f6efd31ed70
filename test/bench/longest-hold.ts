import { setImmediate as nextTurn } from "node:timers/promises";

/** For how long work held the event loop at once, and what it took in all. */
export interface Hold {
  readonly what: string;
  /** CPU time of the main thread, in milliseconds: other programs of the machine do not count. */
  readonly longestMs: number;
  readonly allMs: number;
}

/** Does work and measures it, turn by turn of the event loop. Throws what the work does. */
export async function longestHold<Result>(
  what: string,
  work: () => Result | Promise<Result>,
): Promise<readonly [Hold, Result]> {
  let longest = 0;
  let done = false;
  const start = cpuMs();
  let turn = start;
  const look = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - turn);
    turn = now;
  };
  const turns = (async () => {
    while (!done) {
      await nextTurn();
      look();
    }
  })();
  try {
    const result = await work();
    look();
    return [{ what, longestMs: longest, allMs: cpuMs() - start }, result];
  } finally {
    done = true;
    await turns;
  }
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
