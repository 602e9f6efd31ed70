import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, stringAt } from "../../model/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type Owner, ownerOf } from "../../plan/index.ts";
import { agentName } from "./components.ts";

/** The agent's Deployment, or undefined where there is none. */
export function findAgent(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<KubeObject | undefined> {
  return cluster.get({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: agentName }, signal);
}

/** The Environment through which the agent manages itself, or undefined where it does not. */
export async function managedBy(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Owner | undefined> {
  const agent = await findAgent(cluster, namespace, signal);
  return agent === undefined ? undefined : ownerOf(agent);
}

/** Refuses a second installation in another namespace: it would take the first one's permissions. Throws `Failure` (Conflict). */
export async function refuseSecond(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  const ref = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: agentName };
  const binding = await cluster.get(ref, signal);
  const other = listAt(binding, "subjects").map((subject) => stringAt(subject, "namespace"))[0];
  if (other === undefined || other === namespace) return;
  const message = `Mooring is installed in the namespace ${other}, and a cluster has one installation`;
  throw new Failure("Conflict", { object: `ClusterRoleBinding/${agentName}`, message, hint: `use -n ${other}` });
}

/** The binding that gives the agent all rights, and that those take away who lock a cluster down. */
const deployerBinding = "mooring-agent-deployer";

/** Refuses to give an agent all rights again that were taken away from it. Throws `Failure` (Conflict). */
export async function refuseUnlocking(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  if ((await findAgent(cluster, namespace, signal)) === undefined) return;
  const ref = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", name: deployerBinding };
  if ((await cluster.get(ref, signal)) !== undefined) return;
  const message = "was taken away from the agent, and installing would give it all rights again";
  const hint = "apply what mooring install --export prints, without that binding and with your own changes";
  throw new Failure("Conflict", { object: `ClusterRoleBinding/${deployerBinding}`, message, hint });
}
