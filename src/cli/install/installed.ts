import { type Cluster, type ObjectRef, refOf } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type Owner, ownerOf } from "../../plan/index.ts";
import { agentName, clusterWide, deployerBinding, type Tenants, tenantRole, tenantsOf } from "./components.ts";

/** The agent's Deployment, or undefined where there is none. */
export function findAgent(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<KubeObject | undefined> {
  return cluster.get({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: agentName }, signal);
}

/** The Environment through which the agent manages itself, or undefined where it does not. */
export async function managedBy(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Owner | undefined> {
  const agent = await findAgent(cluster, namespace, signal);
  return agent === undefined ? undefined : ownerOf(agent);
}

/**
 * Refuses a second installation in another namespace: it would take the first one's permissions, or look after the same
 * Environments. Throws `Failure` (Conflict).
 */
export async function refuseSecond(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  const wide = await cluster.get({ apiVersion: rbac, kind: "ClusterRoleBinding", name: agentName }, signal);
  const bindings = wide === undefined ? await tenantBindings(cluster, signal) : [wide];
  const others = bindings.filter((binding) => ![undefined, namespace].includes(agentOf(binding)));
  const [binding] = others;
  if (binding === undefined) return;
  const other = agentOf(binding) ?? "";
  const object =
    wide === undefined ? `RoleBinding/${binding.metadata.namespace}/${tenantRole}` : `ClusterRoleBinding/${agentName}`;
  const message = `Mooring is installed in the namespace ${other}, and a cluster can have only one installation`;
  throw new Failure("Conflict", { object, message, hint: `use -n ${other}` });
}

const rbac = "rbac.authorization.k8s.io/v1";

/** The bindings of agents in the namespaces of tenants. */
async function tenantBindings(cluster: Cluster, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const type = await cluster.resource(rbac, "RoleBinding", signal);
  if (type === undefined) return [];
  return (await cluster.list(type, { fieldSelector: `metadata.name=${tenantRole}` }, signal)).items;
}

/** The namespace of the agent that a binding is for. */
function agentOf(binding: KubeObject | undefined): string | undefined {
  return listAt(binding, "subjects").map((subject) => stringAt(subject, "namespace"))[0];
}

/** Refuses to give an agent all rights again that were taken away from it. Throws `Failure` (Conflict). */
export async function refuseUnlocking(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<void> {
  const agent = await findAgent(cluster, namespace, signal);
  if (agent === undefined) return;
  if (
    (await cluster.get({ apiVersion: rbac, kind: "ClusterRoleBinding", name: deployerBinding }, signal)) !== undefined
  )
    return;
  const message = "was removed from the agent, and installing would grant it all permissions again";
  throw new Failure("Conflict", {
    object: `ClusterRoleBinding/${deployerBinding}`,
    message,
    hint: waysToStayLocked(tenantsOf(agent)),
  });
}

function waysToStayLocked(tenants: Tenants | undefined): string {
  if (tenants === undefined)
    return "apply what mooring install --export prints, without that binding and with your own changes; or lock it down to namespaces with mooring install --tenant";
  const flags = tenants.namespaces.map((each) => `--tenant ${each}`).join(" ");
  return `run mooring install ${flags} --default-service-account ${tenants.defaultServiceAccount}`;
}

/** Refuses tenants whose namespaces are not there: nothing can be granted in them. Throws `Failure` (NotFound). */
export async function requireNamespaces(
  cluster: Cluster,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const look = (name: string) => cluster.get({ apiVersion: "v1", kind: "Namespace", name }, signal);
  const found = await inParallel(names, 8, look, signal);
  const problems = names
    .filter((_, index) => found[index] === undefined)
    .map((name) => ({
      object: `Namespace/${name}`,
      message: "does not exist",
      hint: `kubectl create namespace ${name}`,
    }));
  if (problems.length > 0) throw new Failure("NotFound", problems);
}

/**
 * What an agent that is locked down to tenants must not keep of an earlier installation: roles and bindings in the whole
 * cluster, and in namespaces that are none of its tenants.
 */
export async function surplusRights(
  cluster: Cluster,
  { namespace, tenants }: { readonly namespace: string; readonly tenants: Tenants },
  signal: AbortSignal,
): Promise<readonly ObjectRef[]> {
  const wide = await inParallel(
    clusterWide,
    clusterWide.length,
    ([kind, name]) => cluster.get({ apiVersion: rbac, kind, name }, signal),
    signal,
  );
  const bindings = await tenantBindings(cluster, signal);
  const former = bindings
    .filter((binding) => agentOf(binding) === namespace)
    .flatMap(({ metadata }) => metadata.namespace ?? [])
    .filter((each) => !tenants.namespaces.includes(each))
    .flatMap((each) => ["RoleBinding", "Role"].map((kind) => ({ kind, name: tenantRole, namespace: each })))
    .map((each) => ({ apiVersion: rbac, ...each }));
  return [...wide.filter((each) => each !== undefined).map(refOf), ...former];
}
