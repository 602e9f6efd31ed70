/**
 * The process a control plane lives in. Its one argument is a `HostTask`; it prints one line, a `HostReady`, and keeps
 * everything running until its standard input ends, which the system sees to even when its parent is killed.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type HostTask, startApiServer, startControllers, startEtcd, writeCredentials } from "./control-plane-parts.ts";
import { connectKube, type KubeClient, KubeError } from "./kube-client.ts";
import { registerNodes, runKubelet } from "./kubelet/kubelet.ts";
import { createProcessGroup, type ProcessGroup } from "./process-group.ts";

/** What came of it. */
export interface HostReady {
  readonly server: string;
  readonly caFile: string;
  readonly adminToken: string;
  readonly auditLogPath?: string;
  readonly pids: readonly number[];
}

async function main(task: HostTask): Promise<void> {
  const stopped = new AbortController();
  const group = createProcessGroup(join(task.dir, "logs"), (message) => {
    process.stderr.write(`${message}\n`);
    stopped.abort();
  });
  process.stdin.resume().once("close", () => stopped.abort());
  // Nobody listens any more when the parent is gone, and that must not keep us from tidying up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stopped.abort());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopped.abort());
  const run = start(task, group, stopped.signal).catch((thrown: unknown) => {
    if (!stopped.signal.aborted) process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
    stopped.abort();
  });
  await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve, { once: true }));
  await group.killAll();
  await run;
  rmSync(task.dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}

async function start(task: HostTask, group: ProcessGroup, signal: AbortSignal): Promise<void> {
  writeCredentials(task.dir);
  startEtcd(task, group);
  const api = await startApiServer(task, group, signal);
  if (task.schedulerAndControllers) await startControllers(task, group, api);
  const client = connectKube({ ...api, token: api.tokens["fake-kubelet"] });
  const nodes = await registerNodes(client, task.nodes);
  if (task.schedulerAndControllers) await untilServiceAccounts(client, signal);
  const ready: HostReady = {
    server: api.server,
    caFile: api.caFile,
    adminToken: api.tokens.admin,
    ...(task.auditLog ? { auditLogPath: join(task.dir, "audit.jsonl") } : {}),
    pids: [process.pid, ...group.pids()],
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await runKubelet({ client, nodes, signal });
  await client.close();
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

await main(JSON.parse(process.argv[2] ?? "{}") as HostTask);
