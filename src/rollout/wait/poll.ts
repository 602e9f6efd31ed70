import { pause } from "../../clock/index.ts";
import { Failure, type Problem } from "../../model/failure.ts";

/** For the short waits of an apply, a second or two at most. */
const pollMs = 100;

/** A request that was last answered longer ago than this did not answer in the end. */
const freshMs = 5_000;

/**
 * Polls until the answer is yes. Throws `Failure` (HealthTimeout) with the open problem where the signal is a time limit
 * that ends first and the polls were answered until then; else what a poll throws, or the signal's reason.
 */
export async function poll(isDone: () => Promise<boolean>, open: () => Problem, signal: AbortSignal): Promise<void> {
  let answered = Number.NEGATIVE_INFINITY;
  try {
    while (!(await isDone())) {
      answered = performance.now();
      await pause(pollMs, signal);
    }
  } catch (thrown) {
    const outOfTime = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
    if (outOfTime && performance.now() - answered < freshMs) throw new Failure("HealthTimeout", open());
    throw thrown;
  }
}
