import { reportBug } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { createRequeue } from "./requeue.ts";

/** When passes are made: one at a time, whenever something asks for one. */
export interface Loop {
  /** A pass is under way. */
  readonly busy: boolean;
  /** Aborted with the first call of `close`. */
  readonly closing: AbortSignal;
  /** One more pass, after the one that is under way. */
  wake(): void;
  /** The same in so many milliseconds, unless a pass is made before. */
  wakeIn(ms: number): void;
  /** Ends the pass under way with `Failure` (Interrupted), and makes another one. */
  interrupt(why: string): void;
  /** Ends the pass under way, and makes no more. Resolves when nothing runs. */
  close(): Promise<void>;
}

/** A pass that threw is made again after this long. */
const afterBugMs = 60_000;

/**
 * Makes the first pass at once. A pass must end soon after its signal aborts. It should not throw: what it throws is
 * reported as a bug, and another pass is made in a minute.
 */
export function startLoop(pass: (signal: AbortSignal) => Promise<void>): Loop {
  const requeue = createRequeue();
  const closing = new AbortController();
  let current: AbortController | undefined;

  const bugInPass = (thrown: unknown): void => {
    reportBug(thrown);
    requeue.in(afterBugMs);
  };

  async function run(): Promise<void> {
    for (;;) {
      await requeue.due();
      if (closing.signal.aborted) return;
      current = new AbortController();
      await pass(AbortSignal.any([closing.signal, current.signal])).catch(bugInPass);
      current = undefined;
    }
  }

  requeue.now();
  const ended = run();
  return {
    get busy() {
      return current !== undefined;
    },
    closing: closing.signal,
    wake: () => requeue.now(),
    wakeIn: (ms) => requeue.in(ms),
    interrupt(why) {
      current?.abort(new Failure("Interrupted", { message: why }));
      requeue.now();
    },
    async close() {
      closing.abort(new Failure("Interrupted", { message: "the agent is stopping" }));
      requeue.now();
      await ended;
    },
  };
}
