import type { Environment } from "../../../api/environment/environment.ts";
import { isPinned } from "../../../environment/index.ts";
import { createPassRecorder, type Recorder } from "../../kernel/recorder.ts";
import type { Log } from "../../log.ts";
import type { SourceState } from "../status/source-status.ts";
import { decideEnvironment, type PassOutcome } from "./decide.ts";
import type { NotableEvent, StatusWriter } from "./decision.ts";

/** A pass over an Environment, as far as its record needs it. */
export interface RecordedPass {
  readonly environment: Environment;
  readonly status: StatusWriter;
  /** What is known of the repository, where the pass has a source. */
  readonly source: SourceState | undefined;
  readonly started: Date;
  /** The revision that it was about, where it had come to one. */
  readonly attempted: string | undefined;
}

/** Records the passes of one Environment. */
export type EnvironmentRecorder = Recorder<RecordedPass, PassOutcome, Environment, NotableEvent>;

/** A recorder that has recorded nothing yet. */
export function createRecorder({
  record,
  log,
}: {
  readonly record: (environment: Environment, event: NotableEvent) => void;
  readonly log: Log;
}): EnvironmentRecorder {
  return createPassRecorder({
    decide(ended, { environment, status, ...pass }, time) {
      return decideEnvironment(ended, {
        ...time,
        ...pass,
        spec: environment.spec,
        pinned: isPinned(environment),
        before: status.current,
      });
    },
    subject: ({ environment }: RecordedPass) => environment,
    emit: record,
    status: {
      writerOf: ({ status }) => status,
      unwritten({ environment: { metadata } }, { code }) {
        const environment = `${metadata.namespace}/${metadata.name}`;
        log.warn({ environment, code }, "the status could not be written");
      },
    },
  });
}
