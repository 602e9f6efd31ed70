/** What the API server says of the shop, read as an administrator. */
import { sealingKeyLabel } from "../../src/api/sealed-secret.ts";
import { environmentRef, readCondition } from "../../src/cli/environment/environments.ts";
import type { Cluster, ObjectRef } from "../../src/cluster/index.ts";
import { listAt, numberAt, stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import type { Sight } from "./check.ts";
import { namespaces } from "./cluster.ts";

/** Names an object of production. */
export function inProduction(apiVersion: string, kind: string, name: string): ObjectRef {
  return { apiVersion, kind, namespace: namespaces.production, name };
}

/** The storefront's Deployment in production. */
export const storefront = inProduction("apps/v1", "Deployment", "storefront");

/** The status of an Environment, as far as the demo asks. */
export interface EnvironmentState {
  readonly ready: { readonly status: string; readonly reason: string; readonly message: string };
  /** `<branch>@sha1:<commit>`, empty before the first. */
  readonly healthyRevision: string;
  readonly failedRevision: string;
  /** Inventory ids. */
  readonly owned: readonly string[];
}

/** Reads an Environment. */
export async function environmentState(cluster: Cluster, name: string, signal: AbortSignal): Promise<EnvironmentState> {
  const object = await cluster.get(environmentRef(namespaces.agent, name), signal);
  return {
    ready:
      object === undefined
        ? { status: "Unknown", reason: "", message: "no such Environment" }
        : readCondition(object, "Ready"),
    healthyRevision: stringAt(object, "status", "lastHealthyRevision") ?? "",
    failedRevision: stringAt(object, "status", "failedRevision") ?? "",
    owned: listAt(object, "status", "inventory", "entries").flatMap((entry) => stringAt(entry, "id") ?? []),
  };
}

/** Whether an Environment is ready, at a commit. */
export function readyAt({ ready, healthyRevision }: EnvironmentState, commit: string): Sight {
  return {
    holds: ready.status === "True" && healthyRevision.endsWith(commit),
    seen: `Ready=${ready.status} ${ready.reason}: ${ready.message || "no word yet"}`,
  };
}

/** The state of a Deployment, as far as the demo asks. */
export interface DeploymentState {
  readonly image: string;
  readonly generation: number;
  readonly wanted: number;
  /** Every wanted replica is of this version, ready, and there is no other. */
  readonly settled: boolean;
  readonly words: string;
}

/** Reads a Deployment. */
export async function deploymentState(cluster: Cluster, ref: ObjectRef, signal: AbortSignal): Promise<DeploymentState> {
  const object = await cluster.get(ref, signal);
  if (object === undefined) return absent(ref.name);
  const image = imageOf(object);
  const wanted = numberAt(object, "spec", "replicas") ?? 0;
  const count = (field: string): number => numberAt(object, "status", field) ?? 0;
  const generation = numberAt(object, "metadata", "generation") ?? 0;
  const settled =
    count("observedGeneration") === generation &&
    ["replicas", "updatedReplicas", "readyReplicas"].every((field) => count(field) === wanted);
  const detail = settled ? "" : `, ${count("updatedReplicas")} of them of this version`;
  const words = `${ref.name} runs ${image}: ${count("readyReplicas")} of ${wanted} ready${detail}`;
  return { image, generation, wanted, settled, words };
}

function absent(name: string): DeploymentState {
  return { image: "", generation: 0, wanted: 0, settled: false, words: `there is no Deployment ${name}` };
}

function imageOf(object: KubeObject): string {
  return stringAt(listAt(object, "spec", "template", "spec", "containers")[0], "image") ?? "";
}

/** Whether the agent has made the key that secrets are sealed for. */
export async function hasSealingKey(cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const type = await cluster.resource("v1", "Secret", signal);
  if (type === undefined) return false;
  const options = { namespace: namespaces.agent, labelSelector: `${sealingKeyLabel}=active` };
  return (await cluster.list(type, options, signal)).items.length > 0;
}

/** The ReplicaSet of the storefront that runs `image`. */
export async function replicaSetOf(
  cluster: Cluster,
  image: string,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const type = await cluster.resource("apps/v1", "ReplicaSet", signal);
  if (type === undefined) return undefined;
  const options = { namespace: namespaces.production, labelSelector: "app=storefront" };
  const { items } = await cluster.list(type, options, signal);
  return items.find((each) => imageOf(each) === image);
}
