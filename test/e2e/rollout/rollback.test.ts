import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentAnnotations } from "../../../src/api/names.ts";
import { refOf } from "../../../src/cluster/index.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import { thingDefinition } from "../../cluster/objects.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { auditedWrites, byAgents } from "../../support/control-plane/audit.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import {
  annotate,
  applyAsTest,
  claim,
  commitFolder,
  configMap,
  deployment,
  following,
  messageOf,
  namespace,
  owned,
  statefulSet,
} from "../shop.ts";

type Files = Readonly<Record<string, string>>;

describe("going back", { timeout: 300_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let tree: WorkTree;
  let url: string;

  const commit = (name: string, files: Files) => commitFolder(tree, name, { "ns.yaml": namespace(name), ...files });
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, { ...following(url, name), timeout: "40s", ...more });
  const web = (name: string, image: string) => deployment("web", image, { namespace: name });
  const signal = new AbortController().signal;
  const imageOf = async (kind: string, where: string, name: string) => {
    const live = await world.get(kind, where, name);
    return stringAt(listAt(live, "spec", "template", "spec", "containers")[0], "image");
  };
  /** What the agent writes about environments while this runs, Events aside. */
  async function writesDuring(action: () => Promise<unknown>): Promise<readonly string[]> {
    const before = byAgents(await auditedWrites(world.controlPlane)).length;
    await action();
    const during = byAgents(await auditedWrites(world.controlPlane)).slice(before);
    return during
      .filter(({ target }) => !/^events\/|sealed-secrets-key/.test(target))
      .map((write) => JSON.stringify(write));
  }

  const polls = (n: number) => async () => {
    const requests = world.git.requests.length;
    await eventually(() => world.git.requests.length - requests > n, { what: "polls of Git", timeout: 180_000 });
  };

  beforeAll(async () => {
    world = await startWorld({ auditLog: true });
    agent = world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  it("stops at a bad first revision, says so and does not try it again", async () => {
    const sha = await commit("first", { "web.yaml": web("first", "web:missing") });
    await create("first");
    const status = await world.condition("first", "Stalled", { status: "True", revision: sha });
    expect(status.failedRevision).toBe(`main@sha1:${sha}`);
    expect(await messageOf(world, "first")).toMatch(/ImagePullBackOff.*there is no healthy revision to go back to$/);
    expect(await writesDuring(polls(10))).toEqual([]);
    const mended = await commit("first", { "web.yaml": web("first", "web:1") });
    await world.condition("first", "Ready", { status: "True", revision: mended });
  });

  it("never tries a bad revision again, over many intervals and a restart", async () => {
    await commit("again", { "web.yaml": web("again", "web:1") });
    await create("again", { interval: "50ms" });
    await world.condition("again", "Ready", { status: "True" });
    const sha = await commit("again", { "web.yaml": web("again", "web:crash") });
    await world.condition("again", "Ready", { reason: "RolledBack", revision: sha });
    const told = await messageOf(world, "again");
    expect(await writesDuring(polls(100))).toEqual([]);
    await agent.stop("SIGKILL");
    agent = world.startAgent("--no-leader-election");
    expect(await writesDuring(polls(20))).toEqual([]);
    expect(await messageOf(world, "again")).toBe(told);
    const next = await commit("again", { "web.yaml": web("again", "web:2") });
    await world.condition("again", "Ready", { status: "True", revision: next });
  });

  it("stops where going back fails as well, and goes on with the next commit", async () => {
    const settings = { apiVersion: "v1", kind: "ConfigMap", namespace: "twice", name: "settings" };
    const needs = (image: string) =>
      web("twice", image)
        .replace("spec:\n", "spec:\n  strategy: {type: Recreate}\n")
        .replace("{name: main,", "{name: main, envFrom: [{configMapRef: {name: settings}}],");
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "twice" } });
    await applyAsTest(world, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "twice" },
    });
    await commit("twice", { "web.yaml": needs("web:1") });
    await create("twice", { timeout: "8s" });
    await world.condition("twice", "Ready", { status: "True" });
    // Not of the environment: going back cannot bring it back.
    await world.admin.delete(settings, { propagation: "Background" }, signal);
    const sha = await commit("twice", { "web.yaml": needs("web:missing") });
    await world.condition("twice", "Stalled", { status: "True", reason: "RollbackFailed", revision: sha });
    expect(await messageOf(world, "twice")).toMatch(/failed: .*; the rollback to .* failed too: .*settings/);
    expect(await writesDuring(polls(20))).toEqual([]);
    const next = await commit("twice", { "web.yaml": web("twice", "web:2") });
    await world.condition("twice", "Ready", { status: "True", revision: next });
  });

  it("keeps what cannot be made again, and remembers it", async () => {
    await commit("kept", { "web.yaml": web("kept", "web:1") });
    await create("kept");
    const { lastHealthyRevision } = await world.condition("kept", "Ready", { status: "True" });
    const sha = await commit("kept", {
      "web.yaml": web("kept", "web:missing"),
      "claim.yaml": claim("data", "kept"),
      "other.yaml": namespace("kept-too"),
      "crd.yaml": JSON.stringify(thingDefinition("kept.example")),
      "config.yaml": configMap("gone", "x", { namespace: "kept" }),
    });
    const status = await world.condition("kept", "Ready", { reason: "RolledBack", revision: sha });
    expect(status.lastAppliedRevision).toBe(lastHealthyRevision);
    expect(await world.get("PersistentVolumeClaim", "kept", "data")).toBeDefined();
    expect((await world.get("Namespace", "", "kept-too"))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await world.get("CustomResourceDefinition", "", "things.kept.example")).toBeDefined();
    expect(await world.get("ConfigMap", "kept", "gone")).toBeUndefined();
    const own = ["_kept__Namespace", "kept_web_apps_Deployment"];
    const left = [
      "_kept-too__Namespace",
      "_things.kept.example_apiextensions.k8s.io_CustomResourceDefinition",
      "kept_data__PersistentVolumeClaim",
    ];
    const leftOnes = async () =>
      ((await world.status("kept")).inventory?.entries ?? []).filter((entry) => entry.left === "created");
    expect(await owned(world, "kept")).toEqual([...own, ...left].sort());
    expect((await leftOnes()).map(({ id }) => id).sort()).toEqual([...left].sort());

    // The next commit goes ahead by itself: it neither deletes what was left nor is it held for that.
    const next = await commit("kept", { "web.yaml": web("kept", "web:2") });
    await world.condition("kept", "Ready", { status: "True", revision: next });
    expect(await owned(world, "kept")).toEqual([...own, ...left].sort());
    expect(await world.get("PersistentVolumeClaim", "kept", "data")).toBeDefined();

    // What a revision takes up again is an object as any other.
    const taken = await commit("kept", { "web.yaml": web("kept", "web:2"), "other.yaml": namespace("kept-too") });
    await world.condition("kept", "Ready", { status: "True", revision: taken });
    expect((await leftOnes()).map(({ id }) => id)).not.toContain("_kept-too__Namespace");
    await commit("kept", { "web.yaml": web("kept", "web:2") });
    await world.condition("kept", "Held", { status: "True" });
  });

  it("does not delete what the failed revision found in the cluster", async () => {
    await commit("found", { "web.yaml": web("found", "web:1") });
    await create("found");
    await world.condition("found", "Ready", { status: "True" });
    const byHand = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "by-hand", namespace: "found" } };
    await applyAsTest(world, { ...byHand, data: { value: "by hand" } });
    const uid = (await world.get("ConfigMap", "found", "by-hand"))?.metadata.uid;
    const sha = await commit("found", {
      "web.yaml": web("found", "web:missing"),
      "by-hand.yaml": configMap("by-hand", "from git", { namespace: "found" }),
      "new.yaml": configMap("new", "x", { namespace: "found" }),
    });
    await world.condition("found", "Ready", { reason: "RolledBack", revision: sha });
    expect((await world.get("ConfigMap", "found", "by-hand"))?.metadata.uid).toBe(uid);
    expect(await world.get("ConfigMap", "found", "new")).toBeUndefined();
    const { inventory } = await world.status("found");
    expect(inventory?.entries).toContainEqual({ id: "found_by-hand__ConfigMap", v: "v1", left: "found" });
  });

  it("frees the stuck pod of a StatefulSet", async () => {
    const set = (image: string) => ({ "db.yaml": statefulSet("db", image, { namespace: "set", replicas: 2 }) });
    await commit("set", set("db:1"));
    await create("set");
    await world.condition("set", "Ready", { status: "True" });
    const sha = await commit("set", set("db:missing"));
    await world.condition("set", "Ready", { reason: "RolledBack", revision: sha });
    expect(await imageOf("StatefulSet", "set", "db")).toBe("db:1");
    expect(await world.get("StatefulSet", "set", "db")).toMatchObject({ status: { readyReplicas: 2 } });
  });

  it("tries a failed revision again when somebody asks, or edits the spec", async () => {
    await commit("asked", { "web.yaml": web("asked", "web:1") });
    await create("asked");
    await world.condition("asked", "Ready", { status: "True" });
    const sha = await commit("asked", { "web.yaml": web("asked", "web:missing") });
    const outcomes = async () => ((await world.status("asked")).history ?? []).map(({ outcome }) => outcome);
    const untilTried = (times: number) =>
      eventually(async () => (await outcomes()).filter((each) => each === "RolledBack").length === times, {
        what: `${times} rollbacks`,
      });
    await world.condition("asked", "Ready", { reason: "RolledBack", revision: sha });
    await annotate(world, "asked", environmentAnnotations.requestedAt, "now");
    await untilTried(2);
    await create("asked", { timeout: "41s" });
    await untilTried(3);
    // What the revision needs has come: this time it becomes healthy.
    await create("asked", { images: [{ name: "web", newTag: "2" }] });
    await world.condition("asked", "Ready", { status: "True", revision: sha });
  });

  it("a newer commit ends a wait for health at once", async () => {
    await commit("newer", { "web.yaml": web("newer", "web:1") });
    await create("newer", { timeout: "5m" });
    await world.condition("newer", "Ready", { status: "True" });
    const slow = await commit("newer", { "web.yaml": web("newer", "web:unready") });
    await world.condition("newer", "Reconciling", { status: "True", revision: slow });
    await eventually(async () => (await imageOf("Deployment", "newer", "web")) === "web:unready", {
      what: "the write",
    });
    const sha = await commit("newer", { "web.yaml": web("newer", "web:2") });
    const status = await world.condition("newer", "Ready", { status: "True", revision: sha });
    expect(status.history?.map(({ outcome }) => outcome)).toEqual(["Succeeded", "Succeeded"]);
    expect(status.failedRevision).toBeUndefined();
  });

  it("goes back when a newer commit is no way forward either", async () => {
    await commit("stuck", { "web.yaml": web("stuck", "web:1") });
    await create("stuck", { timeout: "5m" });
    const { lastHealthyRevision } = await world.condition("stuck", "Ready", { status: "True" });
    const slow = await commit("stuck", { "web.yaml": web("stuck", "web:unready") });
    await world.condition("stuck", "Reconciling", { status: "True", revision: slow });
    await eventually(async () => (await imageOf("Deployment", "stuck", "web")) === "web:unready", {
      what: "the write",
    });
    const invalid = await commit("stuck", { "web.yaml": `${web("stuck", "web:3")}  wrong: field\n` });
    const status = await world.condition("stuck", "Ready", { reason: "RolledBack", revision: invalid });
    expect(status).toMatchObject({ lastAppliedRevision: lastHealthyRevision, failedRevision: `main@sha1:${invalid}` });
    expect(await imageOf("Deployment", "stuck", "web")).toBe("web:1");
  });

  it("tells an error that comes in between, and then again what came before", async () => {
    const auth = { apiVersion: "v1", kind: "Secret", metadata: { name: "between", namespace: "mooring-system" } };
    const data = { stringData: { username: "git", password: "any" } };
    await applyAsTest(world, { ...auth, ...data });
    await commit("between", { "web.yaml": web("between", "web:1") });
    await create("between", { source: { url, ref: { branch: "main" }, secretRef: { name: "between" } } });
    await world.condition("between", "Ready", { status: "True" });
    await commit("between", { "web.yaml": web("between", "web:missing") });
    await world.condition("between", "Ready", { reason: "RolledBack" });
    const told = await messageOf(world, "between");
    await world.admin.delete(refOf(auth), { propagation: "Background" }, signal);
    await eventually(async () => (await messageOf(world, "between")) !== told, { what: "the error to be told" });
    await applyAsTest(world, { ...auth, ...data });
    await world.condition("between", "Ready", { reason: "RolledBack" });
    expect(await messageOf(world, "between")).toBe(told);
  });
});
