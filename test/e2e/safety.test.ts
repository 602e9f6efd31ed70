import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, objectAt, stringAt } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { readSnapshot, snapshotSecrets } from "../../src/rollout/index.ts";
import type { AgentProcess } from "../support/agent-process.ts";
import { eventually } from "../support/wait.ts";
import type { WorkTree } from "../support/work-tree.ts";
import { startWorld, type World } from "../support/world.ts";
import { commitFolder, configMap, deployment, namespace } from "./shop.ts";

type Files = Readonly<Record<string, string>>;

/** What must not be lost, whatever happens to the cluster, the repository or the memory of the agent. */
describe("nothing is lost", { timeout: 300_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let tree: WorkTree;
  let url: string;

  const signal = new AbortController().signal;
  const commit = (name: string, files: Files) => commitFolder(tree, name, { "ns.yaml": namespace(name), ...files });
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, {
      source: { url, ref: { branch: "main" } },
      path: `./${name}`,
      interval: "300ms",
      retryInterval: "300ms",
      timeout: "40s",
      ...more,
    });
  const web = (name: string, image: string) => deployment("web", image, { namespace: name });
  const apply = (object: KubeObject) =>
    world.admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal);
  const message = async (name: string) =>
    (await world.status(name)).conditions?.find(({ type }) => type === "Ready")?.message ?? "";
  const events = async (name: string, reason: string) => {
    const type = await world.admin.resource("v1", "Event", signal);
    if (type === undefined) return [];
    const { items } = await world.admin.list(type, { namespace: "mooring-system" }, signal);
    return items.filter(
      (event) => stringAt(event, "involvedObject", "name") === name && stringAt(event, "reason") === reason,
    );
  };
  const restart = async (meanwhile: () => Promise<unknown>) => {
    await agent.stop("SIGKILL");
    await meanwhile();
    agent = world.startAgent("--no-leader-election");
  };

  beforeAll(async () => {
    world = await startWorld();
    agent = world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  it("deletes nothing for a snapshot that says nothing, tells it once, and makes a new one", async () => {
    const settings = (...names: readonly string[]): Files =>
      Object.fromEntries(names.map((each) => [`${each}.yaml`, configMap(each, "x", { namespace: "snap" })]));
    const mine = settings("one", "two", "three");
    await commit("snap", { "web.yaml": web("snap", "web:1"), ...mine });
    await create("snap");
    await world.condition("snap", "Ready", { status: "True" });
    const secret = await world.get("Secret", "mooring-system", "mooring-snapshot-snap");
    const snapshot = await readSnapshot([secret]);
    const keep = async (data: JsonObject) => {
      const { metadata } = secret as KubeObject;
      const { name, namespace: where } = metadata;
      await apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: where ?? "" }, data });
    };
    const there = async () => {
      const found = await Promise.all(["one", "two", "three"].map((each) => world.get("ConfigMap", "snap", each)));
      return found.filter((each) => each !== undefined && each.metadata.deletionTimestamp === undefined).length;
    };

    // A part of it is gone: what the failed revision did not create stays, what it created goes.
    const [stage] = snapshot.stages;
    const partial = snapshot.stages.map((each) => ({
      ...each,
      manifests: each.manifests.filter(({ id }) => id.kind !== "ConfigMap"),
    }));
    expect(stage?.manifests).toHaveLength(5);
    const owner = { name: "snap", namespace: "mooring-system", uid: "u" };
    const [forged] = await snapshotSecrets({ ...snapshot, stages: partial }, owner);
    await restart(() => keep(objectAt(forged, "data") ?? {}));
    const sha = await commit("snap", { "web.yaml": web("snap", "web:missing"), ...mine, ...settings("new") });
    await world.condition("snap", "Ready", { reason: "RolledBack", revision: sha });
    expect(await there()).toBe(3);
    expect(await world.get("ConfigMap", "snap", "new")).toBeUndefined();

    // It is no snapshot: said once, while nothing is deleted.
    const [empty] = await snapshotSecrets({ ...snapshot, stages: [] }, owner);
    await restart(() => keep(objectAt(empty, "data") ?? {}));
    const worse = await commit("snap", { "web.yaml": web("snap", "web:missing"), ...settings("one") });
    await world.condition("snap", "Stalled", { status: "True", revision: worse });
    expect(await message("snap")).toMatch(/there is no healthy revision to go back to$/);
    expect(await there()).toBe(3);
    const good = await commit("snap", { "web.yaml": web("snap", "web:2"), ...mine });
    await world.condition("snap", "Ready", { status: "True", revision: good });
    const told = await events("snap", "SnapshotInvalid");
    expect(told.map((event) => stringAt(event, "message"))).toEqual([expect.stringMatching(/it has no stages/)]);
    expect(told.map((event) => event.count ?? 1)).toEqual([1]);
    const renewed = await eventually(
      async () => {
        const now = await world.get("Secret", "mooring-system", "mooring-snapshot-snap");
        return readSnapshot([now]).catch((thrown: unknown) => {
          if (thrown instanceof Error) return undefined;
          throw thrown;
        });
      },
      { what: "a new snapshot" },
    );
    expect(renewed.revision).toContain(good);
  });
});
