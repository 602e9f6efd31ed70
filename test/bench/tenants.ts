import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { environmentAnnotations, apiVersion as environmentVersion } from "../../src/api/names.ts";
import { type AgentProcess, startAgentAfter } from "../support/agent/agent-process.ts";
import { startAttackers } from "../support/attackers.ts";
import type { WorkTree } from "../support/git/work-tree.ts";
import { eventually } from "../support/wait.ts";
import { startWorld, type World } from "../support/world.ts";
import { processUsage } from "./process-usage.ts";
import { percentile } from "./statistics.ts";
import { environmentSpec, namespace, repositoryFiles } from "./sync/apps.ts";
import { measureCommitToLive } from "./sync/sync-changes.ts";

/**
 * `npm run bench -- tenants [--commits 9] [--objects 5000] [--json]`: how long a commit of one Environment takes to get live
 * by itself, and while others attack the agent by time, by memory, by number and by a cluster that never stops talking; and
 * for how long the agent holds its event loop at most, in time of the processor, meanwhile and while an Environment of so
 * many objects is made, changed and kept.
 */
export async function benchTenants(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      commits: { type: "string", default: "9" },
      objects: { type: "string", default: "5000" },
      json: { type: "boolean", default: false },
    },
  });
  const say = values.json ? () => undefined : (line: string) => console.log(line);
  const folder = await mkdtemp(join(tmpdir(), "mooring-loop-"));
  process.env.MOORING_LOOP_DELAYS = join(folder, "delays");
  const world = await startWorld();
  const agent = startAgentAfter(["loop-delay.ts"], world.agentKubeconfig, "--no-leader-election");
  try {
    const result = await run(world, agent, { commits: Number(values.commits), objects: Number(values.objects) }, say);
    if (values.json) console.log(JSON.stringify(result));
  } finally {
    await agent.stop();
    await world.stop();
    await rm(folder, { recursive: true });
  }
}

interface Size {
  readonly commits: number;
  readonly objects: number;
}

async function run(world: World, agent: AgentProcess, { commits, objects }: Size, say: (line: string) => void) {
  await world.admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, soon());
  const loop = createLoopDelays(process.env.MOORING_LOOP_DELAYS ?? "");

  // First, so that all is loaded when it is measured.
  const { url, tree } = await world.repository("apps");
  await tree.commit(repositoryFiles("repo", 1), "app");
  await world.environment("env-0", environmentSpec("repo", url, 0));
  await ready(world, "env-0", undefined);
  await loop.since();

  const large = await world.repository("large");
  await large.tree.commit(largeFiles(objects, "one"), "one");
  await world.environment("large", { source: { url: large.url }, path: ".", interval: "10m", timeout: "20m" });
  const made = await ready(world, "large", undefined);
  const sync = await loop.since();
  await large.tree.commit(largeFiles(objects, "two"), "two");
  await request(world, "large");
  await ready(world, "large", made);
  const change = await loop.since();
  await request(world, "large");
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const keep = await loop.since();
  say(
    `${objects} objects: the event loop is held ${sync} ms at most to make, ${change} to change, ${keep} to keep them`,
  );

  const aloneMs = await commitsToLive(world, tree, commits);
  const alone = percentile(aloneMs, 50);
  say(`commit to live: ${alone.toFixed(0)} ms by itself (median of ${inMs(aloneMs)})`);
  await loop.since();
  const attackers = await startAttackers(world);
  const attackedMs = await commitsToLive(world, tree, commits, () => attackers.attack());
  const attacked = percentile(attackedMs, 50);
  const attack = await loop.since();
  await attackers.stop();
  const ratio = attacked / alone;
  const { peakRssMiB } = await processUsage(agent.pid);
  say(
    `                ${attacked.toFixed(0)} ms while ${attackers.environments.length} tenants attack: ${ratio.toFixed(2)} times (${inMs(attackedMs)})`,
  );
  say(
    `                the event loop is held ${attack} ms at most; the agent has ${peakRssMiB.toFixed(0)} MiB at most`,
  );
  return { objects, loopMs: { sync, change, keep, attack }, aloneMs, attackedMs, ratio, peakRssMiB };
}

const inMs = (times: readonly number[]) => times.map((time) => time.toFixed(0)).join(" ");

async function commitsToLive(
  world: World,
  tree: WorkTree,
  times: number,
  before = async () => {},
): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await tree.commit(repositoryFiles("repo", 1), "back to the first image");
    await request(world, "env-0");
    await eventually(async () => (await imageOf(world)) === "registry.example/web:1", {
      what: "the first image",
      timeout: 120_000,
    });
    await before();
    taken.push(await measureCommitToLive(world, { shape: "repo", tree }));
  }
  return taken;
}

async function imageOf(world: World): Promise<string | undefined> {
  const deployment = await world.get("Deployment", namespace, "app-0");
  return /"image":"([^"]+)"/.exec(JSON.stringify(deployment ?? {}))?.[1];
}

async function ready(world: World, name: string, before: string | undefined): Promise<string | undefined> {
  const { lastHealthyRevision } = await eventually(
    async () => {
      const status = await world.status(name);
      const isNew = status.lastHealthyRevision !== undefined && status.lastHealthyRevision !== before;
      const isReady = status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
      return isNew && isReady === true && status;
    },
    { what: `${name} to be ready`, timeout: 600_000 },
  );
  return lastHealthyRevision;
}

async function request(world: World, name: string): Promise<void> {
  const ref = { apiVersion: environmentVersion, kind: "Environment", namespace: "mooring-system", name };
  const annotations = { [environmentAnnotations.requestedAt]: new Date().toISOString() };
  await world.admin.patch(ref, { type: "merge", body: { metadata: { annotations } } }, {}, soon());
}

/** So many ConfigMaps with a value. */
function largeFiles(count: number, value: string): Readonly<Record<string, string>> {
  const object = (n: number) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large-${n}, namespace: large, labels: {app: large}}\ndata: {value: ${value}, text: "some more of it"}\n`;
  const perFile = 500;
  const files = Array.from({ length: Math.ceil(count / perFile) }, (_, file) => {
    const length = Math.min(perFile, count - file * perFile);
    return [`f${file}.yaml`, Array.from({ length }, (_each, n) => object(file * perFile + n)).join("---\n")] as const;
  });
  const ns = "apiVersion: v1\nkind: Namespace\nmetadata: {name: large}\n";
  return { "ns.yaml": ns, ...Object.fromEntries(files) };
}

/** Reads what `loop-delay.ts` writes: how long the loop was held at most since it was asked last, in milliseconds. */
function createLoopDelays(file: string) {
  let read = 0;
  return {
    async since(): Promise<number> {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const all = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
      const fresh = all.slice(read).map(Number);
      read = all.length;
      return Math.round(Math.max(0, ...fresh));
    },
  };
}

const soon = () => AbortSignal.timeout(30_000);
