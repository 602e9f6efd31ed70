import { after, reportBug } from "../../clock/index.ts";
import { whenOver } from "../../model/async/heard-elsewhere.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";
import type { Slot } from "../../rollout/index.ts";

/** The slot of one Environment, which its passes acquire and release. */
export interface PassSlot extends Slot {
  /** Resolves when a slot is free, first come, first served; at once while one is held. Throws the signal's reason. */
  acquire(signal: AbortSignal): Promise<void>;
  /** This pass was requested by hand: until its release, it goes before all that were not. */
  prioritize(): void;
  /** Frees the slot, where one is held. */
  release(): void;
}

/** The semaphore of a connection: so many passes work on it at the same time. */
export interface Slots {
  /** A slot for another Environment, not acquired yet. */
  join(): PassSlot;
}

/** Enough to keep all connections to the API server busy; what more passes hold at the same time is only memory. */
const standardSlots = 24;

/** Waits shorter than this keep their slot: most of what was just applied is seen healthy sooner. */
const standardPatienceMs = 100;

/**
 * Lets so many passes work at the same time. Those that come back from a wait, and those that were
 * requested by hand, go first.
 */
export function createSlots(places = standardSlots, patienceMs = standardPatienceMs): Slots {
  let free = places;
  const beginning = new Set<() => void>();
  const ahead = new Set<() => void>();

  const give = (): void => {
    const queue = ahead.size > 0 ? ahead : beginning;
    const [next] = queue;
    if (next === undefined) free += 1;
    else {
      queue.delete(next);
      next();
    }
  };

  const take = async (queue: Set<() => void>, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (free > 0) {
      free -= 1;
      return;
    }
    const called = Promise.withResolvers<void>();
    const call = () => called.resolve();
    queue.add(call);
    try {
      await untilAborted(called.promise, signal);
    } catch (thrown) {
      // Called in the same moment: the next one is due.
      if (!queue.delete(call)) give();
      throw thrown;
    }
  };

  return {
    join() {
      let held = false;
      let prioritized = false;
      /** Ends the pass that has begun. */
      let passEnds: AbortSignal | undefined;
      let waits = 0;
      let taking: Promise<void> | undefined;
      const yieldSlot = (): void => {
        if (held) give();
        held = false;
      };
      const hold = async (queue: Set<() => void>, signal: AbortSignal): Promise<void> => {
        // Several things may be awaited at the same time.
        while (taking !== undefined) await untilAborted(whenOver(taking), signal);
        if (held) return;
        const taken = take(queue, signal).then(() => {
          held = true;
        });
        taking = taken.finally(() => {
          taking = undefined;
        });
        await taking;
      };
      return {
        acquire(signal) {
          passEnds = signal;
          return hold(prioritized ? ahead : beginning, signal);
        },
        prioritize() {
          prioritized = true;
        },
        release() {
          prioritized = false;
          passEnds = undefined;
          yieldSlot();
        },
        async releaseWhile(wait) {
          if (passEnds === undefined) return wait();
          const ends = passEnds;
          const patience = after(patienceMs, yieldSlot, reportBug);
          const waited = wait();
          waits += 1;
          await whenOver(waited);
          waits -= 1;
          patience.stop();
          // Held during its other waits, it would be held for as long as they last.
          if (waits > 0) return waited;
          const taken = hold(ahead, ends);
          // What came of the wait says more than that its time is up.
          await whenOver(taken);
          await waited;
          await taken;
          return waited;
        },
      };
    },
  };
}
