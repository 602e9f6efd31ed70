import { setTimeout as pause } from "node:timers/promises";
import { type KubeClient, KubeError } from "../kube-client.ts";

/** A fake node that is registered. */
export interface FakeNode {
  readonly name: string;
  /** What its pods report as the address of their host. */
  readonly ip: string;
}

const heartbeatMs = 10_000;
const resources = { cpu: "64", memory: "256Gi", pods: "1000", "ephemeral-storage": "1Ti" };

/** Makes so many nodes, ready to take pods, whose kubelet listens on a port of loopback. */
export async function registerNodes(client: KubeClient, count: number, port: number): Promise<readonly FakeNode[]> {
  const nodes = Array.from({ length: count }, (_, index) => ({ name: `node-${index}`, ip: `10.1.0.${index + 1}` }));
  await Promise.all(nodes.map((node) => registerNode(client, node, port)));
  return nodes;
}

/** Renews the nodes' leases until the signal: a node that is silent for 40 s is taken for lost and its pods are evicted. */
export async function keepNodesAlive(
  client: KubeClient,
  nodes: readonly FakeNode[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // A renewal that fails is made up for by the next one.
    await Promise.allSettled(nodes.map((node) => renewLease(client, node)));
    await pause(heartbeatMs, undefined, { signal }).catch(() => undefined);
  }
}

async function registerNode(client: KubeClient, node: FakeNode, port: number): Promise<void> {
  const labels = { "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" };
  const metadata = { name: node.name, labels };
  await client.request("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata, spec: {} });
  const now = new Date();
  const status = {
    capacity: resources,
    allocatable: resources,
    // The API server asks for logs by the first of these types.
    addresses: [
      { type: "Hostname", address: "127.0.0.1" },
      { type: "InternalIP", address: node.ip },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    nodeInfo: { kubeletVersion: "v1.36.3", operatingSystem: "linux", architecture: "amd64" },
    conditions: ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({
      type,
      status: type === "Ready" ? "True" : "False",
      reason: "FakeKubelet",
      message: "reported by the tests' own kubelet",
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    })),
  };
  await client.request("PATCH", `/api/v1/nodes/${node.name}/status`, { status });
  // Every new node is tainted at admission; without controllers nobody would take that away.
  await client.request("PATCH", `/api/v1/nodes/${node.name}`, { spec: { taints: null } });
}

async function renewLease(client: KubeClient, node: FakeNode): Promise<void> {
  const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
  const spec = { holderIdentity: node.name, leaseDurationSeconds: 40, renewTime: microTime(new Date()) };
  try {
    await client.request("PATCH", `${leases}/${node.name}`, { spec });
  } catch (thrown) {
    if (!(thrown instanceof KubeError && thrown.status === 404)) throw thrown;
    const metadata = { name: node.name, namespace: "kube-node-lease" };
    await client.request("POST", leases, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
  }
}

/** A `MicroTime` has exactly six digits after the point. */
function microTime(date: Date): string {
  return date.toISOString().replace("Z", "000Z");
}
