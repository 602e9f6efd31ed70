import { stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { timeAt } from "./evidence.ts";

/** An event of either API, with what is missing left empty. */
export interface ObservedEvent {
  readonly reason: string;
  readonly message: string;
  /** The container it is about, where it is about one. */
  readonly container: string | undefined;
  /** When it first and last happened, in milliseconds since the epoch. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

function observedEvent(event: KubeObject): ObservedEvent {
  const created = timeAt(event, "metadata", "creationTimestamp");
  const first =
    timeAt(event, "firstTimestamp") ??
    timeAt(event, "deprecatedFirstTimestamp") ??
    timeAt(event, "eventTime") ??
    created;
  const last =
    timeAt(event, "series", "lastObservedTime") ??
    timeAt(event, "lastTimestamp") ??
    timeAt(event, "deprecatedLastTimestamp");
  return {
    reason: stringAt(event, "reason") ?? "",
    message: stringAt(event, "message") ?? stringAt(event, "note") ?? "",
    container: containerOf(stringAt(event, "involvedObject", "fieldPath") ?? stringAt(event, "regarding", "fieldPath")),
    first,
    last: last ?? first,
  };
}

/** `web` of `spec.containers{web}`. */
function containerOf(fieldPath: string | undefined): string | undefined {
  return /^spec\.\w*[cC]ontainers\{(.+)\}$/.exec(fieldPath ?? "")?.[1];
}

/** What happened to one object, newest first. Events are matched by the object's UID. */
export function observedEvents(object: KubeObject, events: readonly KubeObject[]): readonly ObservedEvent[] {
  const uid = object.metadata.uid;
  if (uid === undefined) return [];
  return events
    .filter((event) => (stringAt(event, "involvedObject", "uid") ?? stringAt(event, "regarding", "uid")) === uid)
    .map(observedEvent)
    .sort((a, b) => (b.last ?? 0) - (a.last ?? 0));
}
