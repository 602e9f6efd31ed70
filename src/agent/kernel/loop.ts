import { Failure } from "../../model/failure.ts";
import { createWakeup } from "./wakeup.ts";

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
  /** Ends the pass under way, and makes none any more. Resolves when nothing runs. */
  close(): Promise<void>;
}

/** Makes the first pass at once. A pass must end soon after its signal aborts, and must not throw. */
export function startLoop(pass: (signal: AbortSignal) => Promise<void>): Loop {
  const wakeup = createWakeup();
  const closing = new AbortController();
  let current: AbortController | undefined;

  async function run(): Promise<void> {
    for (;;) {
      await wakeup.wait();
      if (closing.signal.aborted) return;
      current = new AbortController();
      await pass(AbortSignal.any([closing.signal, current.signal]));
      current = undefined;
    }
  }

  wakeup.now();
  const ended = run();
  return {
    get busy() {
      return current !== undefined;
    },
    closing: closing.signal,
    wake: () => wakeup.now(),
    wakeIn: (ms) => wakeup.in(ms),
    interrupt(why) {
      current?.abort(new Failure("Interrupted", { message: why }));
      wakeup.now();
    },
    async close() {
      closing.abort(new Failure("Interrupted", { message: "the agent is stopping" }));
      wakeup.now();
      await ended;
    },
  };
}
