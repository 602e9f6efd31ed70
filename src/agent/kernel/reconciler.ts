import { type Failure, toFailure } from "../../model/failure.ts";
import type { Ended } from "./decision.ts";
import { type Loop, startLoop } from "./loop.ts";
import type { PassRecorder } from "./recorder.ts";

/** How one resource is reconciled. */
export interface ReconcilerOptions<Pass, Outcome> {
  /** What the next pass is about. Throws `Failure` where that cannot be read; it is recorded with the pass before. */
  readonly begin: (started: Date) => Pass;
  /** Does the work. Returns what came of it; throws `Failure` for an error. */
  readonly pass: (pass: Pass, signal: AbortSignal) => Promise<Outcome>;
  readonly recorder: PassRecorder<Pass, Outcome>;
  /** Called once the outcome is recorded. What it throws fails the pass. */
  readonly recorded?: (pass: Pass, outcome: Outcome, signal: AbortSignal) => Promise<void>;
  /** Gives back what the pass held: after its outcome, but before its failure is recorded. Must not throw. */
  readonly release?: (pass: Pass) => void;
  /** Logs why a pass failed, where no event of the decider says so; must not throw. */
  readonly failed?: (failure: Failure) => void;
  /** Told the end of every pass, for the metrics; must not throw. */
  readonly measure?: (pass: Pass, ended: MeasuredEnd<Outcome>, ms: number) => void;
}

/** How a pass ended, for the metrics. */
export type MeasuredEnd<Outcome> = Ended<Outcome> | { readonly type: "interrupted" };

/** Makes passes over one resource, the first one at once, and records each. */
export function startReconciler<Pass, Outcome>(options: ReconcilerOptions<Pass, Outcome>): Loop {
  const { recorder } = options;
  let last: Pass | undefined;

  const requeue = (ms: number | undefined): void => {
    if (ms !== undefined) loop.wakeIn(ms);
  };

  async function run(pass: Pass, signal: AbortSignal): Promise<Outcome> {
    try {
      const outcome = await options.pass(pass, signal);
      requeue(await recorder.outcome(pass, outcome, signal));
      await options.recorded?.(pass, outcome, signal);
      return outcome;
    } finally {
      options.release?.(pass);
    }
  }

  async function reconcile(signal: AbortSignal): Promise<MeasuredEnd<Outcome>> {
    try {
      last = options.begin(new Date());
      return { type: "outcome", outcome: await run(last, signal) };
    } catch (thrown) {
      if (signal.aborted) return { type: "interrupted" };
      const failure = toFailure(thrown);
      options.failed?.(failure);
      if (last !== undefined) requeue(await recorder.error(last, failure, loop.closing));
      return { type: "failure", failure };
    }
  }

  const loop = startLoop(async (signal) => {
    const begun = performance.now();
    const ended = await reconcile(signal);
    if (last !== undefined) options.measure?.(last, ended, performance.now() - begun);
  });
  return loop;
}
