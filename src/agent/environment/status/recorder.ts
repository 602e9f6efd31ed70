import { intervalMilliseconds } from "../../../api/duration.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import { isPinned } from "../../../environment/index.ts";
import { type Failure, toFailure } from "../../../model/failure.ts";
import type { Outcome } from "../../../rollout/index.ts";
import type { Log } from "../../log.ts";
import { type Decision, type DecisionInput, type NotableEvent, showPin } from "./decision.ts";
import { decideError } from "./error-decision.ts";
import { decide } from "./outcome.ts";
import { warningOf } from "./problems.ts";
import { type SourceState, withSource } from "./source-status.ts";
import type { StatusWriter } from "./status.ts";

/** A pass that has ended. */
export interface EndedPass {
  readonly environment: Environment;
  readonly status: StatusWriter;
  /** What is known of the repository, where it was asked. */
  readonly source: SourceState | undefined;
  readonly started: Date;
  /** The revision that it was about, where it had come to one. */
  readonly attempted: string | undefined;
}

/** Writes down what came of the passes of one Environment, and tells it. */
export interface Recorder {
  /** The status of a pass; undefined is one without anything to do. In how many milliseconds to look again unasked. */
  outcome(pass: EndedPass, outcome: Outcome | undefined, signal: AbortSignal): Promise<number | undefined>;
  /** The same for a pass that threw; never throws itself. */
  error(pass: EndedPass, failure: Failure, signal: AbortSignal): Promise<number>;
  /** Tells a thing once: what was told last is no news. */
  tell(environment: Environment, event: NotableEvent): void;
}

/** A recorder that has told nothing yet. */
export function createRecorder({
  happen,
  log,
}: {
  readonly happen: (environment: Environment, event: NotableEvent) => void;
  readonly log: Log;
}): Recorder {
  let errors = 0;
  /** What was told last of what came of passes, and of each thing beside that. */
  const told = new Map<string, string>();

  const tell = (environment: Environment, event: NotableEvent): void => {
    const subject = event.aside === true ? event.reason : "";
    const text = `${event.reason} ${event.message}`;
    if (text === told.get(subject) && event.reason !== "DriftCorrected") return;
    told.set(subject, text);
    happen(environment, event);
  };

  const circumstances = ({ environment, status, started, attempted }: EndedPass): DecisionInput => ({
    spec: environment.spec,
    pinned: isPinned(environment),
    before: status.current,
    attempted,
    started,
    now: new Date(),
    errors,
  });

  const carryOut = async (pass: EndedPass, decision: Decision, signal: AbortSignal): Promise<void> => {
    const { environment, status, source } = pass;
    const shown = source === undefined ? decision.status : withSource(decision.status, source, status.current);
    const fields = { observedGeneration: environment.metadata.generation ?? 0, ...shown.fields };
    await status.write({ ...shown, fields }, signal);
    if (decision.event !== undefined) tell(environment, decision.event);
  };

  return {
    tell,
    async outcome(pass, outcome, signal) {
      errors = 0;
      const warning = outcome?.type === "rolledOut" ? warningOf(outcome.plan) : undefined;
      if (warning !== undefined) tell(pass.environment, warning);
      const decided = outcome === undefined ? nothingNew : decide(outcome, circumstances(pass));
      const decision = isPinned(pass.environment) ? showPin(decided) : decided;
      await carryOut(pass, decision, signal);
      return decision.retryMs;
    },
    async error(pass, failure, signal) {
      errors += 1;
      const { metadata, spec } = pass.environment;
      const decision = decideError(failure, circumstances(pass));
      try {
        await carryOut(pass, decision, signal);
      } catch (thrown) {
        const environment = `${metadata.namespace}/${metadata.name}`;
        log.warn({ environment, code: toFailure(thrown).code }, "the status could not be written");
      }
      return decision.retryMs ?? intervalMilliseconds(spec.interval);
    },
  };
}

const nothingNew: Decision = { status: {}, event: undefined, retryMs: undefined };
