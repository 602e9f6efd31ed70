import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlaneTool, tool } from "../../toolchain/tools.ts";
import { type Host, startHost } from "../process/host.ts";
import { eventually } from "../wait.ts";
import type { HostReady } from "./host.ts";
import { connectKube } from "./kube-client.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import type { HostTask } from "./parts.ts";

/** What a control plane is made of. */
export interface ControlPlaneOptions {
  /** Fake nodes, each with a fake kubelet. One unless said otherwise. */
  readonly nodes?: number;
  /** Without them, nothing but the API is there: no default service accounts, no pods of Deployments. They are there unless said otherwise. */
  readonly schedulerAndControllers?: boolean;
  /** Log every write, with who made it and what was sent, as JSON lines. */
  readonly auditLog?: boolean;
  /** Where it keeps its data, instead of a temporary folder. Made if missing, and removed in the end. */
  readonly dir?: string;
}

/** A real control plane of its own, on loopback. */
export interface ControlPlane {
  /** A kubeconfig file of an administrator. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly caFile: string;
  readonly adminToken: string;
  /** Everything it writes, the logs of its parts among it. Gone after `stop`. */
  readonly dir: string;
  /** One JSON event per line (`audit.k8s.io/v1`), with `auditLog` only. */
  readonly auditLogPath?: string;
  /** A kubeconfig file with a real token (TokenRequest, one day) of a service account that exists. */
  readonly kubeconfigFor: (namespace: string, serviceAccount: string) => Promise<string>;
  readonly pids: readonly number[];
  /** Copies what etcd holds now. */
  readonly backUp: () => Promise<void>;
  /** Goes back to the copy, as an operator does after a disaster: etcd and the API server start anew on it. */
  readonly restore: () => Promise<void>;
  /** Ends every process and removes every file. Safe to call twice. */
  readonly stop: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const script = join(import.meta.dirname, "host.ts");

const parts: readonly ControlPlaneTool[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/**
 * Starts a control plane: etcd, API server, controller manager, scheduler and a fake kubelet, with RBAC, on a free
 * loopback port, ready to take pods. It lives in a process of its own that ends it when this process does, however that
 * happens. Throws `ToolMissing` when the programs cannot be built and `ClusterUnreachable` when they do not start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const paths: [ControlPlaneTool, string][] = [];
  for (const name of parts) paths.push([name, await tool(name)]);
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "mooring-control-plane-")));
  await mkdir(dir, { recursive: true });
  const task: HostTask = {
    dir,
    tools: Object.fromEntries(paths) as HostTask["tools"],
    nodes: options.nodes ?? 1,
    schedulerAndControllers: options.schedulerAndControllers ?? true,
    auditLog: options.auditLog ?? false,
  };
  return describe(
    dir,
    await startHost<HostReady>({ script, what: "the control plane", code: "ClusterUnreachable" }, task),
  );
}

async function describe(dir: string, { ready, stop }: Host<HostReady>): Promise<ControlPlane> {
  const { server, caFile, adminToken } = ready;
  return {
    kubeconfig: await writeKubeconfig(join(dir, "admin.kubeconfig"), { ...ready, user: "admin", token: adminToken }),
    server,
    caFile,
    adminToken,
    dir,
    ...(ready.auditLogPath === undefined ? {} : { auditLogPath: ready.auditLogPath }),
    kubeconfigFor: async (namespace, serviceAccount) => {
      const token = await requestToken(ready, namespace, serviceAccount);
      const path = join(dir, `${namespace}.${serviceAccount}.kubeconfig`);
      return writeKubeconfig(path, { server, caFile, user: serviceAccount, token, namespace });
    },
    pids: ready.pids,
    backUp: () => askHost(ready, dir, { signal: "SIGUSR1", answer: "copied" }),
    restore: () => askHost(ready, dir, { signal: "SIGUSR2", answer: "restored" }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Has the host do something, and waits until it says that it has. */
async function askHost(
  { pids }: HostReady,
  dir: string,
  { signal, answer }: { readonly signal: NodeJS.Signals; readonly answer: string },
): Promise<void> {
  const [host] = pids;
  if (host === undefined) throw new Error("the control plane has no host");
  const lines = () => readFile(join(dir, "backup.log"), "utf8").catch(() => "");
  const before = (await lines()).length;
  process.kill(host, signal);
  const told = await eventually(async () => (await lines()).slice(before) || undefined, {
    what: `${answer} data`,
    timeout: 60_000,
  });
  if (told.trim() !== answer) throw new Error(told);
}

/** A token of a service account, as its pods would get it: bound to nothing else and valid for a day. */
async function requestToken(ready: HostReady, namespace: string, name: string): Promise<string> {
  const client = connectKube({ ...ready, token: ready.adminToken });
  try {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 24 * 60 * 60 },
    };
    const answer = await client.request<{ readonly status: { readonly token: string } }>("POST", path, body);
    return answer.status.token;
  } finally {
    await client.close();
  }
}
