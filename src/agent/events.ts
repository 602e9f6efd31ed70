import type { Cluster } from "../cluster/index.ts";
import { toFailure } from "../model/failure.ts";
import { type EventSubject, writeEvent } from "../notify/index.ts";
import type { NotableEvent } from "./kernel/decision.ts";
import type { Log } from "./log.ts";

/** Writes the events of the agent. */
export interface EventWriter {
  /** Logs an event and writes it as a Kubernetes Event, where it is worth one. One that cannot be written is only logged. */
  record(subject: Pick<EventSubject, "kind" | "metadata">, event: NotableEvent): void;
}

/** Writes until the signal aborts; `reporter` names this agent. */
export function createEventWriter(
  cluster: Cluster,
  { reporter, log }: { readonly reporter: string; readonly log: Log },
  signal: AbortSignal,
): EventWriter {
  return {
    record({ kind, metadata }, event) {
      const fields = { [kind.toLowerCase()]: `${metadata.namespace}/${metadata.name}`, reason: event.reason };
      if (event.type === "Warning") log.warn(fields, event.message);
      else log.info(fields, event.message);
      if (event.logOnly === true) return;
      writeEvent(cluster, { kind, metadata, reporter }, event, signal).catch((thrown: unknown) => {
        if (!signal.aborted) log.warn({ ...fields, code: toFailure(thrown).code }, "an event could not be written");
      });
    },
  };
}
