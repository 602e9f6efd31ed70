import { randomBytes } from "node:crypto";
import { apiVersion } from "../api/names.ts";
import type { Cluster } from "../cluster/index.ts";
import type { KubeObject, ObjectMeta } from "../model/manifest.ts";
import { shorten } from "../model/text/shorten.ts";

/** An event of a resource, as `kubectl describe` shows it. */
export interface ResourceEvent {
  readonly type: "Normal" | "Warning";
  /** One word, upper camel case. */
  readonly reason: string;
  readonly message: string;
  /** The last lines of a log, oldest first; as many of them as fit stand below the message. */
  readonly logs?: readonly string[];
}

/** An event's message may have so many characters (core/v1 validation). */
const messageLimit = 1024;

/** The resource that an event is about, and the agent that reports it. */
export interface EventSubject {
  readonly kind: "Environment" | "Promotion";
  readonly metadata: ObjectMeta & { readonly namespace: string };
  readonly reporter: string;
}

/** Writes a Kubernetes Event about an object of Mooring. Throws the failures of `create`. */
export async function writeEvent(
  cluster: Cluster,
  about: EventSubject,
  event: ResourceEvent,
  signal: AbortSignal,
): Promise<void> {
  await cluster.create(eventObject(about, event, new Date()), signal);
}

function eventObject(
  { kind, metadata, reporter }: EventSubject,
  { type, reason, message, logs = [] }: ResourceEvent,
  now: Date,
): KubeObject {
  const { name, namespace, uid = "", resourceVersion = "" } = metadata;
  const time = now.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${randomBytes(8).toString("hex")}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion },
    type,
    reason,
    message: withLogs(cut(message), logs),
    source: { component: "mooring" },
    reportingComponent: "mooring.dev/agent",
    reportingInstance: reporter,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

function cut(message: string): string {
  return shorten(message, messageLimit);
}

/** The newest lines are the last to go. */
function withLogs(message: string, logs: readonly string[]): string {
  const whole = [message, ...logs].join("\n");
  return whole.length > messageLimit && logs.length > 0 ? withLogs(message, logs.slice(1)) : whole;
}
