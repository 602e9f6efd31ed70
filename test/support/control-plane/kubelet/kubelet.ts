/**
 * A kubelet without containers: what is scheduled to its nodes is reported as running, ready, failing or ended, as the
 * image's tag asks (`container-timeline.ts`), and goes away when it is deleted. It writes the status of pods and the leases of its
 * nodes, and nothing else.
 */
import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";
import { type KubeClient, KubeError, type WatchEvent } from "../kube-client.ts";
import { type FakeNode, keepNodesAlive } from "./node.ts";
import { type MissingReferences, podAt } from "./pod-status.ts";
import { findMissing, refersToNothing } from "./references.ts";

export { registerNodes } from "./node.ts";

/** What a kubelet works with. */
export interface KubeletOptions {
  readonly client: KubeClient;
  readonly nodes: readonly FakeNode[];
  readonly signal: AbortSignal;
}

/** One pod that the kubelet looks after. */
interface Charge {
  pod: V1Pod;
  readonly podIP: string;
  readonly hostIP: string;
  /** When its containers' story began: when all that it refers to was there. */
  created: Date;
  settled: boolean;
  reported: string;
  timer: NodeJS.Timeout | undefined;
  /** The step that runs, after which the next one may. */
  turn: Promise<void>;
}

const stopMs = 300;
const recheckMs = 500;
const retryMs = 300;
const nothingMissing: MissingReferences = { volumes: false, environment: new Map() };

/** Looks after the nodes' pods until the signal. */
export async function runKubelet({ client, nodes, signal }: KubeletOptions): Promise<void> {
  const charges = new Map<string, Charge>();
  const hosts = new Map(nodes.map((node) => [node.name, node.ip]));
  let addresses = 0;
  const onEvent = ({ type, object: pod }: WatchEvent<V1Pod>): void => {
    const uid = pod.metadata?.uid ?? "";
    const hostIP = hosts.get(pod.spec?.nodeName ?? "");
    if (hostIP === undefined) return;
    const known = charges.get(uid);
    if (type === "DELETED") {
      clearTimeout(known?.timer);
      charges.delete(uid);
      return;
    }
    if (known !== undefined) known.pod = pod;
    const charge = known ?? newCharge(pod, hostIP, addressAt(addresses++));
    charges.set(uid, charge);
    takeTurn(charge, client, signal);
  };
  await Promise.all([client.follow("/api/v1/pods", onEvent, signal), keepNodesAlive(client, nodes, signal)]);
  for (const { timer } of charges.values()) clearTimeout(timer);
}

function newCharge(pod: V1Pod, hostIP: string, podIP: string): Charge {
  const created = new Date();
  return { pod, podIP, hostIP, created, settled: false, reported: "", timer: undefined, turn: Promise.resolve() };
}

function addressAt(index: number): string {
  return `10.244.${Math.floor(index / 250) % 250}.${(index % 250) + 2}`;
}

/** One step at a time for every pod; a step that fails is taken again. */
function takeTurn(charge: Charge, client: KubeClient, signal: AbortSignal): void {
  charge.turn = charge.turn.then(async () => {
    clearTimeout(charge.timer);
    const wait = await step(charge, client).catch((thrown: unknown) => (isGone(thrown) ? undefined : retryMs));
    if (wait === undefined || signal.aborted) return;
    charge.timer = setTimeout(() => takeTurn(charge, client, signal), Math.max(wait, 1));
  });
}

/** Brings the pod's status up to date. Answers in how many milliseconds it is to be looked at again, if at all. */
async function step(charge: Charge, client: KubeClient): Promise<number | undefined> {
  const { pod } = charge;
  if (pod.metadata?.deletionTimestamp !== undefined) return end(charge, client);
  if (isOver(pod)) return undefined;
  const missing = charge.settled || refersToNothing(pod) ? nothingMissing : await findMissing(client, pod);
  const lacking = missing.volumes || missing.environment.size > 0;
  // Time stands still for a pod that waits, so that its containers start with their story's beginning.
  if (!charge.settled && !lacking && charge.reported !== "") charge.created = new Date();
  charge.settled = !lacking;
  const { created, hostIP, podIP } = charge;
  const elapsed = Date.now() - created.getTime();
  const moment = podAt(pod, { created, elapsed, hostIP, podIP, missing });
  await report(charge, client, moment.status);
  if (lacking) return recheckMs;
  return moment.next === undefined ? undefined : moment.next - (Date.now() - created.getTime());
}

/** A moment to stop; then a pod that was to end has failed, for its Job to see, and the pod is removed. */
async function end(charge: Charge, client: KubeClient): Promise<number | undefined> {
  const { pod } = charge;
  const since = Date.parse(String(pod.metadata?.deletionTimestamp));
  const grace = pod.metadata?.deletionGracePeriodSeconds ?? 0;
  const askedAt = since - grace * 1_000;
  // The server's times have no milliseconds: at worst the pod goes the moment it is asked to.
  const rest = askedAt + stopMs - Date.now();
  if (grace > 0 && rest > 0) return rest;
  if (!isOver(pod) && pod.spec?.restartPolicy !== "Always") await report(charge, client, { phase: "Failed" });
  const { name, namespace, uid } = pod.metadata ?? {};
  await client.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, {
    gracePeriodSeconds: 0,
    preconditions: { uid },
  });
  return undefined;
}

async function report(charge: Charge, client: KubeClient, status: V1PodStatus): Promise<void> {
  // The server keeps times to the second, and conditions keep theirs from its answers.
  const text = JSON.stringify(status).replaceAll(/\.\d{3}Z"/g, 'Z"');
  if (text === charge.reported) return;
  const { name, namespace, uid } = charge.pod.metadata ?? {};
  await client.request("PATCH", `/api/v1/namespaces/${namespace}/pods/${name}/status`, { metadata: { uid }, status });
  charge.reported = text;
}

function isOver(pod: V1Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** The pod is not there any more, or another has taken its name. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof KubeError && (thrown.status === 404 || thrown.status === 409);
}
