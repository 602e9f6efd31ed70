import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { thingDefinition } from "../../cluster/objects.ts";
import { type AuditedWrite, auditedWrites, byAgents } from "../../support/control-plane/audit.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, deployment, following, labelled, namespace, owned } from "../shop.ts";

type Files = Readonly<Record<string, string>>;

describe("the order of a rollout, by the audit log", () => {
  let world: World;
  let tree: WorkTree;
  let url: string;
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, { ...following(url, name), timeout: "40s", ...more });
  const commit = (path: string, files: Files) => commitFolder(tree, path, files);

  /** The position of the first write that fits. */
  function position(writes: readonly AuditedWrite[], verb: string, target: string): number {
    const found = writes.findIndex((write) => write.verb === verb && write.target === target);
    expect({ verb, target, found: found >= 0 }).toEqual({ verb, target, found: true });
    return found;
  }

  beforeAll(async () => {
    world = await startWorld({ auditLog: true });
    world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  it("a CRD, its objects, a Namespace and a workload come healthy in one go on an empty cluster", async () => {
    const thing = "apiVersion: all.example/v1\nkind: Thing\nmetadata: {name: one, namespace: all}\nspec: {size: big}\n";
    await commit("all", {
      "a-thing.yaml": thing,
      "b-web.yaml": deployment("web", "web:1", { namespace: "all" }),
      "c-crd.yaml": JSON.stringify(thingDefinition("all.example")),
      "d-namespace.yaml": namespace("all"),
    });
    await create("all");
    const status = await world.condition("all", "Ready", { status: "True" });
    expect(status.history).toMatchObject([{ outcome: "Succeeded" }]);
    expect(status.inventory?.entries).toHaveLength(4);
  });

  it("a renamed Deployment keeps its old self until the new one is healthy, and nothing is pruned before", async () => {
    const files = (name: string) => ({
      "ns.yaml": namespace("renamed"),
      "web.yaml": deployment(name, "web:1", { namespace: "renamed" }),
    });
    await commit("renamed", files("old"));
    await create("renamed");
    await world.condition("renamed", "Ready", { status: "True" });
    const sha = await commit("renamed", files("new"));
    await world.condition("renamed", "Ready", { status: "True", revision: sha });
    const writes = await auditedWrites(world.controlPlane);
    const available = writes.findIndex(
      ({ target, body }) =>
        target === "deployments/renamed/new/status" && JSON.stringify(body).includes('"availableReplicas":1'),
    );
    expect(available).toBeGreaterThan(position(writes, "patch", "deployments/renamed/new"));
    expect(position(writes, "delete", "deployments/renamed/old")).toBeGreaterThan(available);
    expect(await labelled(world, "renamed")).toEqual(await owned(world, "renamed"));
  });

  it("an object that moves between files and stages keeps its identity", async () => {
    const ns = namespace("moved");
    const moving = configMap("moving", "x", { namespace: "moved" });
    await commit("moved", {
      "one/ns.yaml": ns,
      "one/a.yaml": moving,
      "two/b.yaml": configMap("b", "x", { namespace: "moved" }),
    });
    const stages = [
      { name: "one", path: "./moved/one" },
      { name: "two", path: "./moved/two" },
    ];
    await world.environment("moved", {
      source: { url, ref: { branch: "main" } },
      stages,
      interval: "300ms",
      retryInterval: "300ms",
    });
    await world.condition("moved", "Ready", { status: "True" });
    const uid = (await world.get("ConfigMap", "moved", "moving"))?.metadata.uid;
    const both = `${configMap("b", "x", { namespace: "moved" })}---\n${moving}`;
    const sha = await commit("moved", { "one/ns.yaml": ns, "two/b.yaml": both });
    await world.condition("moved", "Ready", { status: "True", revision: sha });
    expect((await world.get("ConfigMap", "moved", "moving"))?.metadata.uid).toBe(uid);
  });

  describe("stages", () => {
    const files = (image: string): Files => ({
      "base/ns.yaml": namespace("staged"),
      "base/queue.yaml": deployment("queue", "queue:1", { namespace: "staged" }),
      "apps/web.yaml": deployment("web", image, { namespace: "staged" }),
    });

    it("come one after the other, each healthy before the next is written", async () => {
      await commit("staged", files("web:1"));
      await world.environment("staged", {
        source: { url, ref: { branch: "main" } },
        stages: [
          { name: "base", path: "./staged/base" },
          { name: "apps", path: "./staged/apps" },
        ],
        interval: "300ms",
        retryInterval: "300ms",
      });
      await world.condition("staged", "Ready", { status: "True" });
      const writes = await auditedWrites(world.controlPlane);
      const ready = writes.findIndex(
        ({ target, body }) =>
          target === "deployments/staged/queue/status" && JSON.stringify(body).includes('"availableReplicas":1'),
      );
      expect(ready).toBeGreaterThan(0);
      expect(position(writes, "patch", "deployments/staged/web")).toBeGreaterThan(ready);
    });

    it("share one verdict and one rollback: what failed in the second takes the first back as well", async () => {
      const { lastHealthyRevision } = await world.status("staged");
      const queue = deployment("queue", "queue:2", { namespace: "staged" });
      const sha = await commit("staged", { ...files("web:missing"), "base/queue.yaml": queue });
      const status = await world.condition("staged", "Ready", { reason: "RolledBack", revision: sha });
      expect(status.lastAppliedRevision).toBe(lastHealthyRevision);
      expect(status.history?.map(({ outcome }) => outcome)).toEqual(["RolledBack", "Succeeded"]);
      await eventually(
        async () => JSON.stringify((await world.get("Deployment", "staged", "queue"))?.spec).includes("queue:1"),
        { what: "the first stage to be back" },
      );
    });

    it("stop at the first that fails: nothing of the next is written", async () => {
      const before = byAgents(await auditedWrites(world.controlPlane)).length;
      const queue = deployment("queue", "queue:missing", { namespace: "staged" });
      const extra = configMap("extra", "x", { namespace: "staged" });
      const sha = await commit("staged", { ...files("web:1"), "base/queue.yaml": queue, "apps/extra.yaml": extra });
      await world.condition("staged", "Ready", { reason: "RolledBack", revision: sha });
      const targets = byAgents(await auditedWrites(world.controlPlane))
        .slice(before)
        .map(({ target }) => target);
      expect(targets).not.toContain("configmaps/staged/extra");
    });

    it("leave what somebody makes while an earlier one is awaited, where it is wanted only if it is not there", async () => {
      const annotations = "{mooring.dev/ssa: IfNotPresent}";
      await commit("made", {
        "base/ns.yaml": namespace("made"),
        // Its pods need the very account that the controller makes.
        "base/web.yaml": deployment("web", "web:1", { namespace: "made" }),
        "apps/account.yaml": `apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: made, annotations: ${annotations}}
automountServiceAccountToken: false
`,
        "apps/own.yaml": configMap("own", "x", { namespace: "made" }),
      });
      await world.environment("made", {
        source: { url, ref: { branch: "main" } },
        stages: ["base", "apps"].map((name) => ({ name, path: `./made/${name}` })),
        interval: "300ms",
        retryInterval: "300ms",
      });
      const status = await world.condition("made", "Ready", { status: "True" });
      expect(status.inventory?.entries.map(({ id }) => id)).not.toContain("made_default__ServiceAccount");
      const live = await world.get("ServiceAccount", "made", "default");
      expect(live?.metadata.labels).toBeUndefined();
      expect(live?.automountServiceAccountToken).toBeUndefined();
    });
  });
});
