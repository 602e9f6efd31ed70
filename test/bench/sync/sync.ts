import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { startWorld, type World } from "../../support/world.ts";
import { processUsage } from "../process-usage.ts";
import { percentile, seconds } from "../statistics.ts";
import { agentRequests, metricsUrl, type Requests, requestsBetween, totals, untilQuiet } from "./agent-requests.ts";
import { environmentSpec, namespace, repositoryFiles, type Shape } from "./apps.ts";
import { measureFloor } from "./floor.ts";
import { measureCommitToLive, measureDrift } from "./sync-changes.ts";
import { createEnvironments, followReady } from "./sync-environments.ts";

/** What one run tells; the same as printed with `--json`. */
interface Result {
  readonly n: number;
  /** From the first Environment's creation until all are Ready. */
  readonly seconds: number;
  readonly floorSeconds: number;
  readonly ratio: number;
  /** All requests of the agent meanwhile, watches and discovery among them. */
  readonly requestsPerApp: number;
  /** Of the agent's process, from its start. */
  readonly cpuSeconds: number;
  readonly rssMiB: number;
  readonly driftP50Ms: number;
  readonly driftP99Ms: number;
  readonly commitToLiveMs: number;
  /** In one minute in which nothing changes. */
  readonly idleWrites: number;
  readonly idleReads: number;
}

const tampered = 100;
const idleMs = 60_000;

/**
 * `npm run bench -- sync [--n 100] [--shape repo|single] [--json]`: how long the agent needs to bring N Environments of a
 * small app each (ServiceAccount, Deployment without replicas, Service, Ingress) to Ready, beside the floor of the same
 * control plane; then what drift, a commit, and a minute of nothing cost. The agent runs from source, without leader
 * election, whose lease would add a write every few seconds whatever N is.
 */
export async function benchSync(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      n: { type: "string", default: "100" },
      shape: { type: "string", default: "repo" },
      json: { type: "boolean", default: false },
    },
  });
  const count = Number(values.n);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--n ${values.n}: must be a whole number from 1`);
  if (values.shape !== "repo" && values.shape !== "single") throw new Error(`--shape ${values.shape}: repo or single`);
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const world = await startWorld();
  try {
    const result = await run(world, count, values.shape, say);
    if (values.json) console.log(JSON.stringify(result));
  } finally {
    await world.stop();
  }
}

async function run(world: World, count: number, shape: Shape, say: (line: string) => void): Promise<Result> {
  for (const name of [namespace, "floor"]) await createNamespace(world, name);
  const floorSeconds = await measureFloor(world.controlPlane, count, "floor");
  say(`${count} apps, shape ${shape}`);
  say(`floor:          ${seconds(floorSeconds)} for ${count * 4} bare applies over 16 connections`);
  const agent = world.startAgent("--no-leader-election");
  const metrics = await metricsUrl(agent);
  const { url, tree } = await world.repository("apps");
  await tree.commit(repositoryFiles(shape, count), "all apps");

  const synced = await measureSync(world, { count, shape, url, metrics });
  const requestsPerApp = totals(synced.requests).all / count;
  const ratio = synced.seconds / floorSeconds;
  const synchronised = await processUsage(agent.pid);
  say(`sync:           ${seconds(synced.seconds)} until all are Ready, ${ratio.toFixed(2)} times the floor`);
  say(`requests:       ${requestsPerApp.toFixed(2)} per app: ${byKind(synced.requests, count)}`);
  say(`agent:          ${seconds(synchronised.cpuSeconds)} of CPU, ${synchronised.peakRssMiB.toFixed(0)} MiB at most`);

  await untilQuiet(metrics);
  const drift = await measureDrift(world, { shape, count, times: tampered });
  const [driftP50Ms, driftP99Ms] = [percentile(drift, 50), percentile(drift, 99)];
  say(`drift:          repaired in ${driftP50Ms.toFixed(0)} ms (p50), ${driftP99Ms.toFixed(0)} ms (p99)`);
  const commitToLiveMs = await measureCommitToLive(world, { shape, tree });
  say(`commit to live: ${commitToLiveMs.toFixed(0)} ms`);
  await untilQuiet(metrics);
  const idle = await measureIdle(agent, metrics);
  say(`idle:           ${idle.writes} writes, ${idle.reads} reads, ${seconds(idle.cpuSeconds)} of CPU in a minute`);
  return {
    n: count,
    seconds: rounded(synced.seconds),
    floorSeconds: rounded(floorSeconds),
    ratio: rounded(ratio),
    requestsPerApp: rounded(requestsPerApp),
    cpuSeconds: rounded(synchronised.cpuSeconds),
    rssMiB: rounded(synchronised.peakRssMiB),
    driftP50Ms: rounded(driftP50Ms),
    driftP99Ms: rounded(driftP99Ms),
    commitToLiveMs: rounded(commitToLiveMs),
    idleWrites: idle.writes,
    idleReads: idle.reads,
  };
}

async function measureSync(
  world: World,
  run: { readonly count: number; readonly shape: Shape; readonly url: string; readonly metrics: string },
): Promise<{ readonly seconds: number; readonly requests: Requests }> {
  const environments = Array.from({ length: run.count }, (_, n) => ({
    name: `env-${n}`,
    spec: environmentSpec(run.shape, run.url, n),
  }));
  await using ready = await followReady(world, run.count);
  const before = await agentRequests(run.metrics);
  const started = performance.now();
  await createEnvironments(world, environments);
  await ready.all;
  const ended = performance.now();
  const after = await agentRequests(run.metrics);
  return { seconds: (ended - started) / 1000, requests: requestsBetween(before, after) };
}

async function measureIdle(agent: AgentProcess, metrics: string) {
  const [requests, usage] = [await agentRequests(metrics), await processUsage(agent.pid)];
  await pause(idleMs);
  const { writes, reads } = totals(requestsBetween(requests, await agentRequests(metrics)));
  return { writes, reads, cpuSeconds: (await processUsage(agent.pid)).cpuSeconds - usage.cpuSeconds };
}

async function createNamespace(world: World, name: string): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  await world.admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, signal);
}

function byKind(requests: Requests, count: number): string {
  const sorted = [...requests].sort(([, a], [, b]) => b - a);
  return sorted.map(([kind, sent]) => `${kind} ${(sent / count).toFixed(2)}`).join(", ");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
