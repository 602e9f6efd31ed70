import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { environmentAnnotations, apiVersion as environmentVersion } from "../../src/api/names.ts";
import { startAttackers } from "../support/attackers.ts";
import { eventually } from "../support/wait.ts";
import type { WorkTree } from "../support/work-tree.ts";
import { startWorld, type World } from "../support/world.ts";
import { environmentSpec, namespace, repositoryFiles } from "./apps.ts";
import { processUsage } from "./process-usage.ts";
import { percentile } from "./statistics.ts";
import { measureCommitToLive } from "./sync-changes.ts";

const loopDelay = join(import.meta.dirname, "loop-delay.ts");

/**
 * `npm run bench -- tenants [--commits 9] [--objects 5000] [--json]`: how long a commit of one Environment takes to get live
 * by itself, and while others attack the agent by time, by memory, by number and by a cluster that never stops talking; and
 * for how long the agent's event loop is held at most, in that time and while an Environment of so many objects is made,
 * changed and kept.
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
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --import=${loopDelay}`;
  const world = await startWorld();
  try {
    const result = await run(world, { commits: Number(values.commits), objects: Number(values.objects) }, say);
    if (values.json) console.log(JSON.stringify(result));
  } finally {
    await world.stop();
    await rm(folder, { recursive: true });
  }
}

interface Size {
  readonly commits: number;
  readonly objects: number;
}

async function run(world: World, { commits, objects }: Size, say: (line: string) => void) {
  await world.admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, soon());
  const agent = world.startAgent("--no-leader-election");
  const loop = createLoopDelays(process.env.MOORING_LOOP_DELAYS ?? "");

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

  const { url, tree } = await world.repository("apps");
  await tree.commit(repositoryFiles("repo", 1), "app");
  await world.environment("env-0", environmentSpec("repo", url, 0));
  await ready(world, "env-0", undefined);
  const alone = await commitsToLive(world, tree, commits);
  say(`commit to live: ${alone.toFixed(0)} ms (median of ${commits}) by itself`);
  await loop.since();
  const attackers = await startAttackers(world);
  const attacked = await commitsToLive(world, tree, commits, () => attackers.attack());
  const attack = await loop.since();
  await attackers.stop();
  const ratio = attacked / alone;
  const { peakRssMiB } = await processUsage(agent.pid);
  say(
    `                ${attacked.toFixed(0)} ms while ${attackers.environments.length} tenants attack: ${ratio.toFixed(2)} times`,
  );
  say(
    `                the event loop is held ${attack} ms at most; the agent has ${peakRssMiB.toFixed(0)} MiB at most`,
  );
  return { objects, loopMs: { sync, change, keep, attack }, aloneMs: alone, attackedMs: attacked, ratio, peakRssMiB };
}

async function commitsToLive(world: World, tree: WorkTree, times: number, before = async () => {}): Promise<number> {
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
  return percentile(taken, 50);
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
