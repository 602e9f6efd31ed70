import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentAnnotations, apiVersion as environmentVersion } from "../../../src/api/names.ts";
import { createWatchHub, type WatchedObjects } from "../../../src/cluster/index.ts";
import { stringAt } from "../../../src/model/json/json.ts";
import { percentile } from "../../bench/statistics.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { configMap, deployment, namespace } from "../shop.ts";

const stuckCount = 50;
const commits = 9;
const objectCount = 5_000;
const perFile = 500;

describe("many and large Environments", () => {
  let world: World;
  let configMaps: WatchedObjects;
  const environment = (name: string, url: string, path: string) =>
    world.environment(name, { source: { url, ref: { branch: "main" } }, path, interval: "10m", timeout: "20m" });

  beforeAll(async () => {
    world = await startWorld();
    world.startAgent("--no-leader-election");
    const resource = await world.admin.resource("v1", "ConfigMap", AbortSignal.timeout(10_000));
    if (resource === undefined) throw new Error("there are no ConfigMaps");
    configMaps = createWatchHub(world.admin).subscribe({ resource, metadataOnly: false });
    await configMaps.ready(new AbortController().signal);
  });
  afterAll(async () => {
    await configMaps?.close();
    await world?.stop();
  });

  /** Pushes a new value and asks to reconcile; answers with the milliseconds until the live object has it. */
  async function commitToLive(tree: WorkTree, value: string): Promise<number> {
    await tree.commit({ "quick/value.yaml": configMap("value", value, { namespace: "quick" }) }, value);
    const live = Promise.withResolvers<void>();
    const stop = configMaps.onChange(({ object }) => {
      if (object.metadata.name === "value" && stringAt(object, "data", "value") === value) live.resolve();
    });
    const started = performance.now();
    const ref = { apiVersion: environmentVersion, kind: "Environment", namespace: "mooring-system", name: "quick" };
    const body = { metadata: { annotations: { [environmentAnnotations.requestedAt]: value } } };
    await world.admin.patch(ref, { type: "merge", body }, {}, AbortSignal.timeout(10_000));
    await live.promise.finally(stop);
    return performance.now() - started;
  }

  async function medianCommitToLive(tree: WorkTree, name: string): Promise<number> {
    const taken: number[] = [];
    for (let n = 0; n < commits; n += 1) {
      taken.push(await commitToLive(tree, `${name}-${n}`));
      await world.condition("quick", "Ready", { status: "True" });
    }
    return percentile(taken, 50);
  }

  it(`${stuckCount} Environments that wait for health do not slow a healthy one`, { timeout: 240_000 }, async () => {
    const quick = await world.repository("quick");
    await quick.tree.commit(
      { "quick/ns.yaml": namespace("quick"), "quick/value.yaml": configMap("value", "first", { namespace: "quick" }) },
      "first",
    );
    await environment("quick", quick.url, "./quick");
    await world.condition("quick", "Ready", { status: "True" });
    await medianCommitToLive(quick.tree, "warm-up");
    const alone = await medianCommitToLive(quick.tree, "alone");

    const stuck = await world.repository("stuck");
    const names = Array.from({ length: stuckCount }, (_, n) => `stuck-${n}`);
    const files = names.flatMap((name) => [
      [`${name}/ns.yaml`, namespace(name)],
      [`${name}/web.yaml`, deployment("web", "registry.example/web:unready", { namespace: name })],
    ]);
    await stuck.tree.commit(Object.fromEntries(files), "never ready");
    await Promise.all(names.map((name) => environment(name, stuck.url, `./${name}`)));
    for (const name of names) {
      await eventually(() => world.get("Deployment", name, "web"), { what: `${name} to be applied`, timeout: 120_000 });
    }
    const beside = await medianCommitToLive(quick.tree, "beside");
    for (const name of names) await world.condition(name, "Reconciling", { status: "True" });

    const ratio = beside / alone;
    console.log(
      `commit to live: ${alone.toFixed(0)} ms alone, ${beside.toFixed(0)} ms beside, ratio ${ratio.toFixed(2)}`,
    );
    // Both are a few dozen milliseconds; on a machine that does something else as well they vary more than the 20 % aimed at.
    expect(ratio).toBeLessThan(2);
  });

  it(`an Environment of ${objectCount} objects works`, { timeout: 300_000 }, async () => {
    const { url, tree } = await world.repository("large");
    const files = Array.from({ length: objectCount / perFile }, (_, file) => [
      `large/${file}.yaml`,
      Array.from({ length: perFile }, (__, n) =>
        configMap(`value-${file * perFile + n}`, "x", { namespace: "default" }),
      ).join("---\n"),
    ]);
    await tree.commit(Object.fromEntries(files), "large");
    await environment("large", url, "./large");
    const status = await eventually(
      async () => {
        const current = await world.status("large");
        const ready = current.conditions?.find(({ type }) => type === "Ready");
        if (ready?.status === "False") throw new Error(ready.message);
        return ready?.status === "True" ? current : undefined;
      },
      { what: "the large Environment to be ready", timeout: 280_000 },
    );
    expect(status.inventory?.entries).toHaveLength(objectCount);
    expect(configMaps.get({ namespace: "default", name: `value-${objectCount - 1}` })).toBeDefined();
  });
});
