import type { Failure } from "../../model/failure.ts";
import type { AnyStatus, StatusChange } from "./status-writer.ts";

/** How a pass ended: with what came of it, or with an error. */
export type Ended<Outcome> =
  | { readonly type: "outcome"; readonly outcome: Outcome }
  | { readonly type: "failure"; readonly failure: Failure };

/** Something about a resource that people should hear of: as a Kubernetes Event, and in the log. */
export interface NotableEvent<Reason extends string = string> {
  readonly type: "Normal" | "Warning";
  /** One word, upper camel case. */
  readonly reason: Reason;
  readonly message: string;
  /** The last lines of a container's log, oldest first. */
  readonly logs?: readonly string[];
  /** It is compared only with events of the same reason, whatever other events come in between. */
  readonly standalone?: boolean;
  /** Each time counts: it is recorded although the event before was the same, and although the status was not written. */
  readonly recurring?: boolean;
  /** It is logged, and no Event is written: the status shows it to whoever wants to know. */
  readonly logOnly?: boolean;
}

/** What follows from a pass. A decider makes it, a pure function; the recorder carries it out. */
export interface Decision<Status extends AnyStatus = AnyStatus, Event extends NotableEvent = NotableEvent> {
  /** Undefined: nothing is written. */
  readonly status: StatusChange<Status> | undefined;
  readonly event: Event | undefined;
  /** Milliseconds until the next pass; undefined: only a trigger starts one. */
  readonly requeueMs: number | undefined;
  /** The next pass is one more try, as after a failure: `tries` goes on counting. */
  readonly retries?: boolean;
  /** What the last event said is over: when it comes back, it is recorded again. */
  readonly settled?: boolean;
}

/** What every decider gets besides how the pass ended. */
export interface DecisionTime {
  readonly now: Date;
  /** How many tries in a row this pass was the last of, for growing pauses; 1 for the first. */
  readonly tries: number;
}
