import { fieldManager } from "../../api/names.ts";
import { pause } from "../../clock/index.ts";
import { type Cluster, createWatchHub, refOf } from "../../cluster/index.ts";
import { assess, describeCause, needsWatch } from "../../health/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { describeId, groupOf } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";
import { createEvidenceView, type EvidenceView } from "../../rollout/index.ts";
import type { Say } from "../print/progress.ts";

const pollMs = 300;

/** What to wait for, and how long. */
export interface HealthWait {
  readonly objects: readonly KubeObject[];
  readonly timeoutMs: number;
  readonly say: Say;
}

/**
 * Waits until objects are healthy, by the rules of the agent. Throws `Failure`: HealthFailed as soon as one certainly will
 * not be, HealthTimeout at the limit, each with the cause where it is known.
 */
export async function waitUntilHealthy(cluster: Cluster, wait: HealthWait, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + wait.timeoutMs;
  const watches = createWatchHub(cluster);
  const evidence = createEvidenceView(watches);
  try {
    for (const object of wait.objects.filter(({ apiVersion, kind }) => needsWatch(groupOf(apiVersion), kind))) {
      await waitForOne(cluster, object, { ...wait, evidence, deadline }, signal);
    }
  } finally {
    await watches.close();
  }
}

interface Waiting extends HealthWait {
  readonly evidence: EvidenceView;
  readonly deadline: number;
}

async function waitForOne(cluster: Cluster, object: KubeObject, wait: Waiting, signal: AbortSignal): Promise<void> {
  const name = nameOf(object);
  const { namespace } = object.metadata;
  const release = namespace === undefined ? () => undefined : wait.evidence.follow(namespace, () => undefined);
  try {
    for (;;) {
      const live = await cluster.get(refOf(object), signal);
      const verdict = verdictOn(live, wait);
      if (verdict.state === "current") return;
      const message = messageOf(verdict);
      if (verdict.state === "failed") throw new Failure("HealthFailed", { object: name, message });
      if (performance.now() > wait.deadline) throw tooLate(name, message, wait.timeoutMs);
      wait.say(`${name}: ${message}`);
      await pause(pollMs, signal);
    }
  } finally {
    release();
  }
}

function verdictOn(live: KubeObject | undefined, { evidence }: Waiting): Verdict {
  if (live === undefined) return { state: "notFound", message: "does not exist" };
  return assess({ object: live, ...evidence.of(live), ...sinceApplied(live) }, new Date());
}

/** When it was last applied with a change, by the API server's clock: what is older says nothing against it. */
function sinceApplied(live: KubeObject): { readonly since?: Date } {
  const own = listAt(live, "metadata", "managedFields").find((entry) => stringAt(entry, "manager") === fieldManager);
  const time = stringAt(own, "time");
  return time === undefined ? {} : { since: new Date(time) };
}

function messageOf(verdict: Verdict): string {
  const cause = "cause" in verdict ? verdict.cause : undefined;
  return cause === undefined ? verdict.message : describeCause(cause);
}

function nameOf({ apiVersion, kind, metadata }: KubeObject): string {
  return describeId({ group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? "", name: metadata.name });
}

function tooLate(object: string, message: string, timeoutMs: number): Failure {
  return new Failure("HealthTimeout", { object, message: `not healthy within ${timeoutMs / 1000} s: ${message}` });
}
