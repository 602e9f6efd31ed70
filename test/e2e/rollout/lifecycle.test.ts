import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion, environmentAnnotations, finalizer } from "../../../src/api/names.ts";
import { refOf } from "../../../src/cluster/index.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { runMooring } from "../../cli/run-mooring.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import {
  annotate,
  applyAsTest,
  commitFolder,
  configMap,
  deployment,
  following,
  messageOf,
  namespace,
  owned,
} from "../shop.ts";

type Files = Readonly<Record<string, string>>;

describe("the deletion guard, suspension, dependencies and deletion", () => {
  let world: World;
  let tree: WorkTree;
  let url: string;
  const signal = new AbortController().signal;
  const ref = (name: string) => ({ apiVersion, kind: "Environment", namespace: "mooring-system", name });
  const commit = (name: string, files: Files) => commitFolder(tree, name, { "ns.yaml": namespace(name), ...files });
  const create = (name: string, more: JsonObject = {}) => world.environment(name, { ...following(url, name), ...more });
  const configMaps = (name: string, count: number): Files =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`${index}.yaml`, configMap(`c${index}`, "x", { namespace: name })]),
    );

  beforeAll(async () => {
    world = await startWorld();
    world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  describe("the deletion guard", () => {
    it("holds a plan that deletes too much, with the list, and an approval releases exactly that plan", async () => {
      await commit("held", configMaps("held", 12));
      await create("held");
      await world.condition("held", "Ready", { status: "True" });
      const emptied = await commit("held", {});
      const { pendingDigest = "" } = await world.condition("held", "Held", { status: "True", revision: emptied });
      expect(await messageOf(world, "held", "Held")).toMatch(/12 of 13 objects would be deleted.*ConfigMap\/held\/c11/);
      expect(await owned(world, "held")).toHaveLength(13);

      // What is approved is that plan, not the next one.
      const another = await commit("held", { "new.yaml": configMap("new", "x", { namespace: "held" }) });
      const { pendingDigest: newer = "" } = await world.condition("held", "Held", {
        status: "True",
        revision: another,
      });
      expect(newer).not.toBe(pendingDigest);
      await annotate(world, "held", environmentAnnotations.approve, pendingDigest);
      await annotate(world, "held", environmentAnnotations.requestedAt, "look again");
      await eventually(async () => (await world.status("held")).lastHandledRequest === "look again", {
        what: "a look",
      });
      await world.condition("held", "Held", { status: "True", revision: another });
      expect(await owned(world, "held")).toHaveLength(13);

      await annotate(world, "held", environmentAnnotations.approve, newer);
      const status = await world.condition("held", "Ready", { status: "True", revision: another });
      expect(status.conditions?.find(({ type }) => type === "Held")?.status).toBe("False");
      expect(await owned(world, "held")).toEqual(["_held__Namespace", "held_new__ConfigMap"]);
      expect(await world.get("ConfigMap", "held", "c0")).toBeUndefined();
    });

    it.each([
      { what: "a Namespace that goes", left: { "a.yaml": configMap("a", "x", { namespace: "default" }) } },
      { what: "a folder that renders nothing", left: { "kustomization.yaml": "resources: []\n" } },
    ])("holds $what", async ({ what, left }) => {
      const name = what.replaceAll(" ", "-").toLowerCase();
      await commit(name, { "a.yaml": configMap("a", "x", { namespace: name }) });
      await create(name);
      await world.condition(name, "Ready", { status: "True" });
      const sha = await commitFolder(tree, name, left);
      await world.condition(name, "Held", { status: "True", revision: sha });
      expect(await world.get("ConfigMap", name, "a")).toBeDefined();
    });
  });

  it("a suspended environment is left alone, and caught up with afterwards", async () => {
    await commit("idle", { "a.yaml": configMap("a", "1", { namespace: "idle" }) });
    await create("idle", { suspend: true });
    await commit("idle", { "a.yaml": configMap("a", "2", { namespace: "idle" }) });
    await commit("witness", {});
    await create("witness");
    await world.condition("witness", "Ready", { status: "True" });
    expect(await world.get("ConfigMap", "idle", "a")).toBeUndefined();
    await create("idle", { suspend: false });
    await world.condition("idle", "Ready", { status: "True" });
    expect(await world.get("ConfigMap", "idle", "a")).toMatchObject({ data: { value: "2" } });
  });

  it("one that is suspended in a wait says so, and goes on with the same attempt", async () => {
    const web = (image: string) => ({ "web.yaml": deployment("web", image, { namespace: "paused" }) });
    await commit("paused", web("web:unready"));
    await create("paused");
    await eventually(() => world.get("Deployment", "paused", "web"), { what: "the write", timeout: 60_000 });
    await create("paused", { suspend: true });
    const { conditions = [] } = await world.condition("paused", "Ready", { status: "Unknown", reason: "Suspended" });
    const said = conditions.filter(({ type }) => type === "Reconciling" || type === "Stalled");
    expect(said).toMatchObject([
      { status: "False", reason: "Suspended" },
      { status: "False", reason: "Suspended" },
    ]);
    const shown = await runMooring(["get", "env", "paused"], { env: { KUBECONFIG: world.controlPlane.kubeconfig } });
    expect(shown.stdout).toMatch(/^paused +Unknown .*Suspended/m);
    await create("paused");
    await world.condition("paused", "Reconciling", { status: "True" });
    const sha = await commit("paused", web("web:1"));
    const { history } = await world.condition("paused", "Ready", { status: "True", revision: sha });
    expect(history?.map(({ outcome }) => outcome)).toEqual(["Succeeded"]);
  });

  describe("dependencies", () => {
    it("are waited for, and their readiness wakes at once", async () => {
      await commit("below", { "bad.yaml": "not: [valid" });
      await commit("above", { "a.yaml": configMap("a", "x", { namespace: "above" }) });
      await create("above", { dependsOn: [{ name: "below" }], interval: "1h" });
      await world.condition("above", "Ready", { reason: "DependencyNotReady" });
      await create("below");
      await world.condition("below", "Ready", { reason: "RenderFailed" });
      expect(await world.get("ConfigMap", "above", "a")).toBeUndefined();
      await commit("below", {});
      await world.condition("above", "Ready", { status: "True" });
    });

    it("in a circle are named", async () => {
      await commit("egg", {});
      await commit("hen", {});
      await create("egg", { dependsOn: [{ name: "hen" }] });
      await create("hen", { dependsOn: [{ name: "egg" }] });
      await world.condition("hen", "Ready", { reason: "DependencyNotReady" });
      await eventually(async () => (await messageOf(world, "egg", "Ready")).includes("egg → hen → egg"), {
        what: "the circle",
      });
      await eventually(async () => (await messageOf(world, "hen", "Ready")).includes("hen → egg → hen"), {
        what: "the circle",
      });
    });
  });

  describe("deletion of the Environment", () => {
    const remove = (name: string) => world.admin.delete(ref(name), { propagation: "Background" }, signal);
    const gone = (name: string) =>
      eventually(async () => (await world.admin.get(ref(name), signal)) === undefined, { what: `${name} to go` });

    it.each([
      { policy: "MirrorPrune", prune: true, deleted: true },
      { policy: "MirrorPrune", prune: false, deleted: false },
      { policy: "Delete", prune: false, deleted: true },
      { policy: "WaitForTermination", prune: true, deleted: true },
      { policy: "Orphan", prune: true, deleted: false },
    ])("$policy with prune $prune", async ({ policy, prune, deleted }) => {
      const name = `${policy}-${prune}`.toLowerCase();
      await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      const kept = configMap("kept", "x", { namespace: name, annotations: { "mooring.dev/prune": "disabled" } });
      await commitFolder(tree, name, { "a.yaml": configMap("a", "x", { namespace: name }), "kept.yaml": kept });
      await create(name, { deletionPolicy: policy, prune });
      await world.condition(name, "Ready", { status: "True" });
      const finalizers = (await world.admin.get(ref(name), signal))?.metadata.finalizers ?? [];
      expect(finalizers).toEqual(policy === "Orphan" ? [] : [finalizer]);
      await remove(name);
      await gone(name);
      expect((await world.get("ConfigMap", name, "a")) === undefined).toBe(deleted);
      expect(await world.get("ConfigMap", name, "kept")).toBeDefined();
    });

    it("is held where a Namespace would go with it, until that is approved, or its objects are to be kept", async () => {
      const held = async (name: string) => {
        await commit(name, { "a.yaml": configMap("a", "x", { namespace: name }) });
        await create(name);
        await world.condition(name, "Ready", { status: "True" });
        await remove(name);
        return world.condition(name, "Held", { status: "True", reason: "DeletionHeld" });
      };
      const { pendingDigest } = await held("leaving");
      expect(await messageOf(world, "leaving", "Ready")).toMatch(
        /^the Environment is being deleted, and with it 1 of kind Namespace would be deleted: Namespace\/leaving; approve with/,
      );
      const env = { KUBECONFIG: world.controlPlane.kubeconfig };
      const shown = await runMooring(["get", "env", "leaving"], { env });
      expect(shown.stdout).toMatch(/^leaving +False .*is being deleted, and with it 1 of kind Namespace/m);
      expect((await runMooring(["why", "leaving"], { env })).stdout).toContain("Namespace/leaving");
      expect((await world.get("Namespace", "", "leaving"))?.metadata.deletionTimestamp).toBeUndefined();
      const approved = await runMooring(["approve", "leaving", pendingDigest ?? ""], { env });
      expect(approved).toMatchObject({ code: 0 });
      await gone("leaving");
      await eventually(async () => (await world.get("Namespace", "", "leaving")) === undefined, { what: "it to go" });

      await held("staying");
      await create("staying", { deletionPolicy: "Orphan" });
      await gone("staying");
      expect((await world.get("Namespace", "", "staying"))?.metadata.deletionTimestamp).toBeUndefined();
      expect(await world.get("ConfigMap", "staying", "a")).toBeDefined();
    });

    it("is held by numbers too", async () => {
      await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "numerous" } });
      await commitFolder(tree, "numerous", configMaps("numerous", 11));
      await create("numerous");
      await world.condition("numerous", "Ready", { status: "True" });
      await remove("numerous");
      await world.condition("numerous", "Held", { status: "True", reason: "DeletionHeld" });
      expect(await messageOf(world, "numerous", "Held")).toContain("11 of 11 objects would be deleted");
      await create("numerous", { deletionGuard: { maxObjects: 20, maxPercent: 20, kinds: [] } });
      await gone("numerous");
      expect(await world.get("ConfigMap", "numerous", "c1")).toBeUndefined();
    });

    it("waits for what takes its time to go, but not for ever", async () => {
      await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "clinging" } });
      await commitFolder(tree, "clinging", { "a.yaml": configMap("a", "x", { namespace: "clinging" }) });
      await create("clinging", { deletionPolicy: "WaitForTermination", timeout: "2s" });
      await world.condition("clinging", "Ready", { status: "True" });
      const held = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "clinging" } };
      const finalizers = (list: readonly string[]) =>
        world.admin.patch(
          refOf(held),
          { type: "merge", body: { metadata: { finalizers: list } } },
          { fieldManager: "someone" },
          signal,
        );
      await finalizers(["example.org/cling"]);
      await remove("clinging");
      await eventually(
        async () => (await world.get("ConfigMap", "clinging", "a"))?.metadata.deletionTimestamp !== undefined,
        { what: "its deletion" },
      );
      expect(await world.admin.get(ref("clinging"), signal)).toBeDefined();
      await gone("clinging");
      await finalizers([]);
    });
  });
});
