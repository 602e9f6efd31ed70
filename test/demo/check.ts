import { setTimeout as pause } from "node:timers/promises";
import type { Narrator } from "./narrator.ts";

/** A step of the demo was not true. The message says what was expected and what was there instead. */
export class StepFailed extends Error {
  constructor(expected: string, seen: string) {
    super(`expected: ${expected}\nseen:     ${seen}`);
    this.name = "StepFailed";
  }
}

/** What one look at the cluster found: whether it is as it should be, and what there is, in words. */
export interface Sight {
  readonly holds: boolean;
  readonly seen: string;
}

/** Checks and tells. */
export interface Checks {
  /** Looks until it holds, then tells it with the time it took since `since` (the call, if absent). Throws `StepFailed`. */
  readonly becomes: (expected: string, look: () => Promise<Sight>, since?: number) => Promise<void>;
  /** One look, now. Throws `StepFailed`. */
  readonly is: (expected: string, sight: Sight) => void;
}

const pollMs = 50;

/** Checks that give up after `patienceMs` and stop at once when the signal aborts. */
export function createChecks(
  narrator: Pick<Narrator, "fact" | "waiting">,
  patienceMs: number,
  signal: AbortSignal,
): Checks {
  return {
    becomes: async (expected, look, since = Date.now()) => {
      const deadline = Date.now() + patienceMs;
      await narrator.waiting(`until ${expected}`, async () => {
        for (;;) {
          signal.throwIfAborted();
          const { holds, seen } = await look();
          if (holds) return;
          if (Date.now() > deadline) throw new StepFailed(`${expected}, within ${patienceMs / 1000} s`, seen);
          await pause(pollMs, undefined, { signal });
        }
      });
      narrator.fact(expected, Date.now() - since);
    },
    is: (expected, { holds, seen }) => {
      if (!holds) throw new StepFailed(expected, seen);
      narrator.fact(expected);
    },
  };
}
