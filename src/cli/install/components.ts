import { listAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { compareForApply } from "../../plan/index.ts";
import { memoryTree, render, renderYaml, toManifests } from "../../render/index.ts";
import { programVersion } from "../version.ts";
import files from "./manifests.json" with { type: "json" };

/** What the agent is made of in a cluster. */
export interface Components {
  /** CRDs and the Namespace first. */
  readonly objects: readonly KubeObject[];
  /** The same as a file to commit or to apply. */
  readonly yaml: string;
}

/** The name of the agent's Deployment, ServiceAccount, Service and roles. */
export const agentName = "mooring-agent";

/** Role and binding of the agent in the namespace of a tenant. */
export const tenantRole = "mooring-tenant";

/** The binding that gives the agent all rights, and that those take away who lock a cluster down. */
export const deployerBinding = "mooring-agent-deployer";

/** How an agent is to be. */
export interface Wishes {
  /** Instead of the one of this version. */
  readonly image?: string | undefined;
  /** Locked down: it works for these namespaces only, and has no rights in any other. */
  readonly tenants?: Tenants | undefined;
}

/** The namespaces that an agent is locked down to, and the service account that it acts as where an Environment names none. */
export interface Tenants {
  readonly namespaces: readonly string[];
  readonly defaultServiceAccount: string;
}

/** The objects of an agent in a namespace: what `manifests/` holds, but for what is wished otherwise. */
export async function agentComponents(namespace: string, wishes: Wishes = {}): Promise<Components> {
  const { image, tenants } = wishes;
  const patches = [
    ...(image === undefined ? [] : [imagePatch(image)]),
    ...(tenants === undefined ? [] : [argumentsPatch(tenants), ...clusterWide.map(deletion)]),
  ];
  const tree = memoryTree({
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`manifests/${path}`, text])),
    "agent/kustomization.yaml": JSON.stringify({ resources: ["../manifests"], namespace, patches }),
    ...Object.fromEntries((tenants?.namespaces ?? []).map((each) => tenantFolder(each, namespace))),
    "kustomization.yaml": JSON.stringify({
      resources: ["agent", ...(tenants?.namespaces ?? []).map((each) => `tenants/${each}`)],
    }),
  });
  const rendered = await render(tree, "");
  const manifests = [...toManifests(rendered)].sort((a, b) => compareForApply(a.id, b.id));
  const header = `# Mooring ${programVersion}, as "mooring install --export" prints it.\n`;
  return { objects: manifests.map(({ object }) => object), yaml: header + renderYaml(rendered) };
}

/** The roles and bindings that reach beyond a namespace: kind and name. */
export const clusterWide = [
  ["ClusterRole", agentName],
  ["ClusterRoleBinding", agentName],
  ["ClusterRoleBinding", deployerBinding],
] as const;

function deletion([kind, name]: (typeof clusterWide)[number]) {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const patch = { $patch: "delete", apiVersion, kind, metadata: { name } };
  return { target: { kind, name }, patch: JSON.stringify(patch) };
}

/** The rights of the agent of a namespace in that of a tenant. */
function tenantFolder(tenant: string, agentNamespace: string): readonly [path: string, text: string] {
  const subject = [{ op: "replace", path: "/subjects/0/namespace", value: agentNamespace }];
  const patches = [{ target: { kind: "RoleBinding", name: tenantRole }, patch: JSON.stringify(subject) }];
  const kustomization = { resources: ["../../manifests/tenant"], namespace: tenant, patches };
  return [`tenants/${tenant}/kustomization.yaml`, JSON.stringify(kustomization)];
}

function argumentsPatch({ namespaces, defaultServiceAccount }: Tenants) {
  const flags = [
    ...namespaces.map((each) => `--${watchFlag}=${each}`),
    `--${accountFlag}=${defaultServiceAccount}`,
    "--no-cross-namespace-refs",
  ];
  const patch = flags.map((value) => ({ op: "add", path: "/spec/template/spec/containers/0/args/-", value }));
  return { target: { kind: "Deployment", name: agentName }, patch: JSON.stringify(patch) };
}

const watchFlag = "watch-namespace";
const accountFlag = "default-service-account";

/** The tenants that an agent's Deployment is locked down to; undefined where it is not. */
export function tenantsOf(deployment: KubeObject | undefined): Tenants | undefined {
  const [container] = listAt(deployment, "spec", "template", "spec", "containers");
  const values = (flag: string) =>
    listAt(container, "args").flatMap((each) => {
      const text = String(each);
      return text.startsWith(`--${flag}=`) ? [text.slice(flag.length + 3)] : [];
    });
  const namespaces = values(watchFlag);
  const [defaultServiceAccount] = values(accountFlag);
  return namespaces.length === 0 || defaultServiceAccount === undefined
    ? undefined
    : { namespaces, defaultServiceAccount };
}

function imagePatch(image: string) {
  const patch = [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: image }];
  return { target: { kind: "Deployment", name: agentName }, patch: JSON.stringify(patch) };
}
