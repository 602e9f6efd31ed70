import { type Failure, toFailure } from "../../model/failure.ts";
import type { Decision, DecisionTime, Ended, NotableEvent } from "./decision.ts";
import { createEventRecorder } from "./event-recorder.ts";
import type { AnyStatus, StatusWriter } from "./status-writer.ts";

/** How the passes of one kind are recorded. */
export interface RecorderOptions<Pass, Outcome, Status extends AnyStatus, Subject, Event extends NotableEvent> {
  /** The decider of the kind; pure. */
  readonly decide: (ended: Ended<Outcome>, pass: Pass, at: DecisionTime) => Decision<Status, Event>;
  /** Absent for kinds without a status. */
  readonly status?: {
    readonly writerOf: (pass: Pass) => Pick<StatusWriter<Status>, "conclude">;
    /** The status of a pass that failed could not be written; must not throw. */
    readonly unwritten: (pass: Pass, failure: Failure) => void;
  };
  /** What the events of a pass are about. */
  readonly subject: (pass: Pass) => Subject;
  /** Must not throw. */
  readonly emit: (subject: Subject, event: Event) => void;
}

/** Carries out what is decided about the passes of one resource: the only place where that is done. */
export interface PassRecorder<Pass, Outcome> {
  /**
   * Writes the status, records the event, and answers with the milliseconds until the next pass. Throws as
   * `StatusWriter.write` does: the pass counts as failed then.
   */
  outcome(pass: Pass, outcome: Outcome, signal: AbortSignal): Promise<number | undefined>;
  /** The same for a pass that failed; never throws. */
  error(pass: Pass, failure: Failure, signal: AbortSignal): Promise<number | undefined>;
}

/** The same, with events that are recorded in the middle of a pass. */
export interface Recorder<Pass, Outcome, Subject, Event extends NotableEvent> extends PassRecorder<Pass, Outcome> {
  /** Records an event, unless it repeats the last one. */
  record(subject: Subject, event: Event): void;
}

/** A recorder of one resource. */
export function createPassRecorder<Pass, Outcome, Status extends AnyStatus, Subject, Event extends NotableEvent>({
  decide,
  subject,
  status,
  emit,
}: RecorderOptions<Pass, Outcome, Status, Subject, Event>): Recorder<Pass, Outcome, Subject, Event> {
  const events = createEventRecorder<Event>();
  let tries = 0;

  const decided = (pass: Pass, ended: Ended<Outcome>): Decision<Status, Event> => {
    const decision = decide(ended, pass, { now: new Date(), tries: tries + 1 });
    tries = ended.type === "failure" || decision.retries === true ? tries + 1 : 0;
    return decision;
  };
  const record = (about: Subject, event: Event): void => events.record(event, (each) => emit(about, each));

  const carryOut = async (pass: Pass, decision: Decision<Status, Event>, signal: AbortSignal): Promise<void> => {
    const { event, settled } = decision;
    try {
      if (decision.status !== undefined) await status?.writerOf(pass).conclude(decision.status, signal);
    } catch (thrown) {
      if (event?.recurring === true) record(subject(pass), event);
      throw thrown;
    }
    if (settled === true) events.settle();
    if (event !== undefined) record(subject(pass), event);
  };

  return {
    record,
    async outcome(pass, outcome, signal) {
      const decision = decided(pass, { type: "outcome", outcome });
      await carryOut(pass, decision, signal);
      return decision.requeueMs;
    },
    async error(pass, failure, signal) {
      const decision = decided(pass, { type: "failure", failure });
      await carryOut(pass, decision, signal).catch((thrown: unknown) => {
        if (!signal.aborted) status?.unwritten(pass, toFailure(thrown));
      });
      return decision.requeueMs;
    },
  };
}
