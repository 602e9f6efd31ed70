import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { apiVersion } from "../../src/api/names.ts";
import { type Cluster, connect, findAccess, type ObjectRef, refOf } from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import { stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { install, installation } from "../support/agent/install.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { writeKubeconfig } from "../support/control-plane/kubeconfig.ts";
import { tool } from "../toolchain/tools.ts";

/** Which cluster to use: one that is there, or, without either, one of the demo's own. */
export interface ClusterChoice {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** A cluster with Mooring's manifests in it, for the time of the demo. */
export interface DemoCluster {
  /** An administrator's connection. */
  readonly admin: Cluster;
  /** The flags by which the CLI and kubectl find it. */
  readonly flags: readonly string[];
  /** A kubeconfig with a service account token of the agent and nothing else. */
  readonly agentKubeconfig: string;
}

/** Where the demo puts things, and what it takes away from a cluster that is not its own. */
export const namespaces = { agent: "mooring-system", staging: "shop-staging", production: "shop-production" } as const;

const removalMs = 60_000;

/**
 * Opens the cluster and installs Mooring. Whatever has to be undone goes onto the stack. Throws `Failure`:
 * `ToolMissing`, `ClusterUnreachable`, and `UsageInvalid` for a cluster in which the demo would be in somebody's way.
 */
export async function openCluster(
  choice: ClusterChoice,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<DemoCluster> {
  return choice.kubeconfig === undefined && choice.context === undefined
    ? ownCluster(stack, signal)
    : borrowedCluster(choice, stack, signal);
}

async function ownCluster(stack: AsyncDisposableStack, signal: AbortSignal): Promise<DemoCluster> {
  // Where it has to be built, that takes minutes and can be interrupted.
  await tool("kube-apiserver", signal);
  const plane = stack.use(await startControlPlane());
  signal.throwIfAborted();
  const admin = await connect({ from: "files", paths: [plane.kubeconfig] });
  stack.defer(() => admin.close());
  await install(admin);
  const agentKubeconfig = await plane.kubeconfigFor(namespaces.agent, "mooring-agent");
  return { admin, flags: ["--kubeconfig", plane.kubeconfig], agentKubeconfig };
}

async function borrowedCluster(
  { kubeconfig, context }: ClusterChoice,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<DemoCluster> {
  const named = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  const admin = await connect(findAccess(named, process.env));
  stack.defer(() => admin.close());
  const shops = [namespaces.staging, namespaces.production].map(namespaceRef);
  const refs = [...shops, ...(await installation()).toReversed().map(refOf)];
  await refuseIfTaken(admin, refs, signal);
  stack.defer(() => remove(admin, refs));
  await install(admin);
  const flags = Object.entries(named).flatMap(([flag, value]) => [`--${flag}`, value]);
  return { admin, flags, agentKubeconfig: await agentAccess(admin, stack, signal) };
}

/** The demo deletes all of these in the end, so none may be there that it did not make. */
async function refuseIfTaken(admin: Cluster, refs: readonly ObjectRef[], signal: AbortSignal): Promise<void> {
  const taken: string[] = [];
  for (const ref of refs) if ((await admin.get(ref, signal)) !== undefined) taken.push(`${ref.kind} ${ref.name}`);
  if (taken.length === 0) return;
  throw new Failure("UsageInvalid", {
    message: `${admin.server} has ${taken.join(", ")} already, and the demo would delete it in the end`,
    hint: "use a cluster without Mooring, or none: without --kubeconfig and --context the demo starts one of its own",
  });
}

/** A kubeconfig over a token Secret, which a controller of the cluster fills; it goes with its namespace. */
async function agentAccess(admin: Cluster, stack: AsyncDisposableStack, signal: AbortSignal): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "mooring-demo-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const secret = await admin.create(
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/service-account-token",
      metadata: {
        name: "mooring-demo-agent",
        namespace: namespaces.agent,
        annotations: { "kubernetes.io/service-account.name": "mooring-agent" },
      },
    },
    signal,
  );
  for (;;) {
    const live = await admin.get(refOf(secret), signal);
    const [token, ca] = [stringAt(live, "data", "token"), stringAt(live, "data", "ca.crt")];
    if (token !== undefined && ca !== undefined) {
      const caFile = join(dir, "ca.crt");
      await writeFile(caFile, Buffer.from(ca, "base64"));
      const access = { server: admin.server, caFile, user: "mooring-agent", namespace: namespaces.agent };
      return writeKubeconfig(join(dir, "agent.kubeconfig"), {
        ...access,
        token: Buffer.from(token, "base64").toString(),
      });
    }
    await pause(100, undefined, { signal });
  }
}

/**
 * Takes away what the demo made. The agent has ended by then, so nobody would carry out what the Environments' finalizers
 * ask for: everything the shop has is in its namespaces and goes with them.
 */
async function remove(admin: Cluster, made: readonly ObjectRef[]): Promise<void> {
  const signal = AbortSignal.timeout(removalMs);
  const type = await admin.resource(apiVersion, "Environment", signal);
  const list = type === undefined ? undefined : await admin.list(type, { namespace: namespaces.agent }, signal);
  const environments = (list?.items ?? []).map(refOf);
  for (const ref of environments) {
    await admin.patch(ref, { type: "merge", body: { metadata: { finalizers: null } } }, {}, signal);
  }
  await deleteAll(admin, [...environments, ...made], signal);
}

async function deleteAll(admin: Cluster, refs: readonly ObjectRef[], signal: AbortSignal): Promise<void> {
  for (const ref of refs) await admin.delete(ref, { propagation: "Background" }, signal);
  for (const ref of refs)
    while ((await present(admin, ref, signal)) !== undefined) await pause(100, undefined, { signal });
}

/** The object, or undefined, also when its kind went before it. */
async function present(admin: Cluster, ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
  try {
    return await admin.get(ref, signal);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "KindUnknown") return undefined;
    throw thrown;
  }
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: "v1", kind: "Namespace", name };
}
