import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure } from "../../src/model/failure.ts";
import { type ControlPlaneTool, tool } from "../toolchain/tools.ts";
import type { HostReady } from "./control-plane-host.ts";
import type { HostTask } from "./control-plane-parts.ts";
import { connectKube } from "./kube-client.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

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
  /** Ends every process and removes every file. Safe to call twice. */
  readonly stop: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

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
  const host = startHost(task);
  const ready = await host.ready.catch(async (thrown: unknown) => {
    await host.stop();
    throw thrown;
  });
  return describe(dir, host, ready);
}

async function describe(dir: string, host: Host, ready: HostReady): Promise<ControlPlane> {
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
    stop: host.stop,
    [Symbol.asyncDispose]: host.stop,
  };
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

interface Host {
  readonly ready: Promise<HostReady>;
  readonly stop: () => Promise<void>;
}

/** The host in a session of its own, so that Ctrl-C reaches only us; it ends when its standard input does. */
function startHost(task: HostTask): Host {
  const script = join(import.meta.dirname, "control-plane-host.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(task)], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const words: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => words.push(chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const gone = once(child, "close").then(() => removeRest(child, task.dir));
  const ready = once(createInterface({ input: child.stdout }), "line").then(([line]) => JSON.parse(line) as HostReady);
  const failed = gone.then(() => {
    throw new Failure("ClusterUnreachable", { message: `the control plane ended: ${words.join("").trim()}` });
  });
  return {
    ready: Promise.race([ready, failed]),
    stop: () => {
      child.stdin.end();
      return gone;
    },
  };
}

/** What a host that was killed itself could not clean up: its group of processes and its folder. */
async function removeRest(child: ChildProcess, dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}
