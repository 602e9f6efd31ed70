import { after, reportBug } from "../clock/index.ts";
import { whenOver } from "../model/heard-elsewhere.ts";
import { untilAborted } from "../model/until-aborted.ts";
import type { Turn } from "../rollout/index.ts";

/** The turn of one Environment, whose passes take it and give it back. */
export interface PassTurn extends Turn {
  /** Resolves when it may work, in the order of asking; at once when it has begun already. Throws the signal's reason. */
  begin(signal: AbortSignal): Promise<void>;
  /** Somebody asked for what it is about to do: until it ends, it goes before those that nobody asked for. */
  hasten(): void;
  /** Gives the turn to the next, if it has it. */
  end(): void;
}

/** The turns of all Environments of a connection. */
export interface Turns {
  /** The turn of another Environment, not begun. */
  enter(): PassTurn;
}

/** Enough to keep all connections to the API server busy; what more passes hold at the same time is only memory. */
const standardPlaces = 24;

/** A wait that is over sooner keeps its turn: what was just applied is mostly seen healthy before. */
const standardPatienceMs = 100;

/**
 * Lets so many passes work at the same time. Those that come back from a wait, and those that somebody asked for, go
 * before the others.
 */
export function createTurns(places = standardPlaces, patienceMs = standardPatienceMs): Turns {
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
    enter() {
      let held = false;
      let hastened = false;
      /** Ends the pass that has begun. */
      let passEnds: AbortSignal | undefined;
      let waits = 0;
      let taking: Promise<void> | undefined;
      const leave = (): void => {
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
        begin(signal) {
          passEnds = signal;
          return hold(hastened ? ahead : beginning, signal);
        },
        hasten() {
          hastened = true;
        },
        end() {
          hastened = false;
          passEnds = undefined;
          leave();
        },
        async awaiting(wait) {
          if (passEnds === undefined) return wait();
          const ends = passEnds;
          const patience = after(patienceMs, leave, reportBug);
          const waited = wait();
          waits += 1;
          await whenOver(waited);
          waits -= 1;
          patience.stop();
          // Taken for the others of its waits it would be held for as long as they last.
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
