/** The process a control plane lives in. Its one argument is a `HostTask`; what it announces is a `HostReady`. */
import { appendFileSync, cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { liveAsHost } from "../process/host.ts";
import type { ProcessGroup } from "../process/process-group.ts";
import { connectKube, type KubeClient, KubeError } from "./kube-client.ts";
import { registerNodes, runKubelet } from "./kubelet/kubelet.ts";
import { serveLogs } from "./kubelet/logs.ts";
import {
  type ApiServer,
  apiServerCertificate,
  type HostTask,
  startApiServer,
  startControllers,
  startEtcd,
  writeCredentials,
} from "./parts.ts";

/** What came of it. */
export interface HostReady {
  readonly server: string;
  readonly caFile: string;
  readonly adminToken: string;
  readonly auditLogPath?: string;
  readonly pids: readonly number[];
}

async function start(
  task: HostTask,
  group: ProcessGroup,
  announce: (ready: HostReady) => void,
  signal: AbortSignal,
): Promise<void> {
  writeCredentials(task.dir);
  startEtcd(task, group);
  const api = await startApiServer(task, group, signal);
  if (task.schedulerAndControllers) await startControllers(task, group, api);
  const client = connectKube({ ...api, token: api.tokens["fake-kubelet"] });
  takeBackups(task, group, api, signal);
  const port = await serveLogs(client, apiServerCertificate(task.dir), signal);
  const nodes = await registerNodes(client, task.nodes, port);
  if (task.schedulerAndControllers) await untilServiceAccounts(client, signal);
  announce({
    server: api.server,
    caFile: api.caFile,
    adminToken: api.tokens.admin,
    ...(task.auditLog ? { auditLogPath: join(task.dir, "audit.jsonl") } : {}),
    pids: [process.pid, ...group.pids()],
  });
  await runKubelet({ client, nodes, signal });
  await client.close();
}

/**
 * SIGUSR1: etcd's data are copied as they are; SIGUSR2: the copy takes their place, under an API server that starts anew.
 * `backup.log` tells what was done.
 */
function takeBackups(task: HostTask, group: ProcessGroup, api: ApiServer, signal: AbortSignal): void {
  const [data, copy] = [join(task.dir, "etcd"), join(task.dir, "backup")];
  const did = (what: string) => appendFileSync(join(task.dir, "backup.log"), `${what}\n`);
  const restore = async (): Promise<void> => {
    await group.end("kube-apiserver");
    await group.end("etcd");
    rmSync(data, { recursive: true });
    cpSync(copy, data, { recursive: true });
    startEtcd(task, group);
    await startApiServer(task, group, signal, api);
    did("restored");
  };
  process.on("SIGUSR1", () => {
    group.signal("etcd", "SIGSTOP");
    rmSync(copy, { recursive: true, force: true });
    cpSync(data, copy, { recursive: true });
    group.signal("etcd", "SIGCONT");
    did("copied");
  });
  process.on("SIGUSR2", () => {
    restore().catch((thrown: unknown) => did(`failed: ${thrown}`));
  });
}

/** Pods are refused until the controllers have made their namespace's service account. */
async function untilServiceAccounts(client: KubeClient, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await client.request("GET", "/api/v1/namespaces/default/serviceaccounts/default");
      return;
    } catch (thrown) {
      if (!(thrown instanceof KubeError && thrown.status === 404)) throw thrown;
    }
    await pause(50, undefined, { signal });
  }
}

const task = JSON.parse(process.argv[2] ?? "{}") as HostTask;
await liveAsHost<HostReady>(task, (group, announce, signal) => start(task, group, announce, signal));
