import { randomBytes } from "node:crypto";
import { apiVersion } from "../api/names.ts";
import type { Cluster } from "../cluster/index.ts";
import type { KubeObject, ObjectMeta } from "../model/manifest.ts";

/** What happened to an Environment, as `kubectl describe` shows it. */
export interface EnvironmentEvent {
  readonly type: "Normal" | "Warning";
  /** One word, upper camel case. */
  readonly reason: string;
  readonly message: string;
}

/** An event's message may have so many characters (core/v1 validation). */
const messageLimit = 1024;

/** Writes a Kubernetes Event about an Environment. Throws the failures of `create`. */
export async function writeEvent(
  cluster: Cluster,
  about: { readonly metadata: ObjectMeta & { readonly namespace: string }; readonly reporter: string },
  event: EnvironmentEvent,
  signal: AbortSignal,
): Promise<void> {
  await cluster.create(eventObject(about, event, new Date()), signal);
}

function eventObject(
  { metadata, reporter }: { readonly metadata: ObjectMeta & { readonly namespace: string }; readonly reporter: string },
  { type, reason, message }: EnvironmentEvent,
  now: Date,
): KubeObject {
  const { name, namespace, uid = "", resourceVersion = "" } = metadata;
  const time = now.toISOString().replace(/\.\d+Z$/, "Z");
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${randomBytes(8).toString("hex")}`, namespace },
    involvedObject: { apiVersion, kind: "Environment", name, namespace, uid, resourceVersion },
    type,
    reason,
    message: message.length > messageLimit ? `${message.slice(0, messageLimit - 1)}…` : message,
    source: { component: "mooring" },
    reportingComponent: "mooring.dev/agent",
    reportingInstance: reporter,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
