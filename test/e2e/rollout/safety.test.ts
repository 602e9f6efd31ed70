import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, objectAt, stringAt, valueAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { readSnapshot, snapshotSecrets } from "../../../src/rollout/index.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import {
  applyAsTest,
  commitFolder,
  configMap,
  deployment,
  following,
  isDenied,
  messageOf,
  namespace,
} from "../shop.ts";

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
    world.environment(name, { ...following(url, name), timeout: "40s", ...more });
  const web = (name: string, image: string) => deployment("web", image, { namespace: name });
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
      await applyAsTest(world, { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: where ?? "" }, data });
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
    expect(await messageOf(world, "snap")).toMatch(/there is no healthy revision to go back to$/);
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

  it("makes an object again whose earlier self is still being deleted, or that somebody deletes meanwhile", async () => {
    const held = configMap("held", "1", { namespace: "back" });
    await commit("back", { "web.yaml": web("back", "web:1"), "held.yaml": held });
    await create("back");
    await world.condition("back", "Ready", { status: "True" });
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "back", name: "held" };
    const first = await world.admin.get(ref, signal);
    const keep = (finalizers: readonly string[]) =>
      world.admin.patch(ref, { type: "merge", body: { metadata: { finalizers } } }, {}, signal);
    await keep(["example.com/slow"]);
    const without = await commit("back", { "web.yaml": web("back", "web:1") });
    await world.condition("back", "Ready", { status: "True", revision: without });
    expect((await world.admin.get(ref, signal))?.metadata.deletionTimestamp).toBeDefined();

    const again = await commit("back", { "web.yaml": web("back", "web:1"), "held.yaml": held });
    await world.condition("back", "Reconciling", { status: "True", revision: again });
    await keep([]);
    await world.condition("back", "Ready", { status: "True", revision: again });
    const second = await world.admin.get(ref, signal);
    expect([first, second].every((each) => each !== undefined)).toBe(true);
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    expect(second?.metadata.deletionTimestamp).toBeUndefined();

    // Deleted by hand while the rollout waits for something else: one that was written, and one that was not.
    const files = { "held.yaml": configMap("held", "2", { namespace: "back" }) };
    const slow = await commit("back", { "web.yaml": web("back", "web:unready"), ...files });
    await world.condition("back", "Reconciling", { status: "True", revision: slow });
    await eventually(async () => (await world.admin.get(ref, signal))?.data !== undefined, { what: "the write" });
    await world.admin.delete(ref, { propagation: "Background" }, signal);
    await eventually(
      async () => {
        const live = await world.admin.get(ref, signal);
        return (
          live !== undefined && live.metadata.uid !== second?.metadata.uid && stringAt(live, "data", "value") === "2"
        );
      },
      { what: "the object to be made again during the rollout" },
    );
    const good = await commit("back", { "web.yaml": web("back", "web:2"), ...files });
    await world.condition("back", "Ready", { status: "True", revision: good });
  });

  it("names what keeps an object that should come back, and goes back when time is up", async () => {
    const held = configMap("held", "1", { namespace: "never" });
    await commit("never", { "web.yaml": web("never", "web:1") });
    await create("never");
    await world.condition("never", "Ready", { status: "True" }, 180_000);
    await create("never", { timeout: "10s" });
    const metadata = { name: "held", namespace: "never", finalizers: ["example.com/stuck"] };
    await applyAsTest(world, { apiVersion: "v1", kind: "ConfigMap", metadata });
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "never", name: "held" };
    await world.admin.delete(ref, { propagation: "Background" }, signal);
    const sha = await commit("never", { "web.yaml": web("never", "web:1"), "held.yaml": held });
    await world.condition("never", "Ready", { reason: "RolledBack", revision: sha });
    expect(await messageOf(world, "never")).toMatch(
      /never\/held.yaml:1: ConfigMap\/never\/held: is being deleted; blocked by the finalizer example.com\/stuck/,
    );
    await world.admin.patch(ref, { type: "merge", body: { metadata: { finalizers: [] } } }, {}, signal);
  });

  it("recreates with force, and deletes nothing that it could not make", async () => {
    const fixed = (value: string, more = "") =>
      `${configMap("fixed", value, { namespace: "forced" }).replace("metadata: {", `metadata: {${more}`)}immutable: true\n`;
    const uidOf = async () => (await world.get("ConfigMap", "forced", "fixed"))?.metadata.uid;
    await commit("forced", { "fixed.yaml": fixed("1") });
    await create("forced", { force: true });
    await world.condition("forced", "Ready", { status: "True" });
    const uid = await uidOf();
    const server = 'uid: 5e0c2b9e-9d1f-4e1c-8a3f-0f6f3a3c9e11, resourceVersion: "1", ';
    const second = await commit("forced", { "fixed.yaml": fixed("2", server) });
    await world.condition("forced", "Ready", { status: "True", revision: second });
    expect(stringAt(await world.get("ConfigMap", "forced", "fixed"), "data", "value")).toBe("2");
    const made = await uidOf();
    expect(made).not.toBe(uid);
    const warned = await events("forced", "ServerFieldsIgnored");
    expect(warned.map((event) => stringAt(event, "message"))).toEqual([
      expect.stringMatching(/^forced\/fixed.yaml:1: ConfigMap\/forced\/fixed: metadata.uid, metadata.resourceVersion/),
    ]);

    // A policy lets no new one be made like that.
    const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
    const validations = [
      { expression: "!has(object.data) || object.data.value != '3'", message: "three is not allowed" },
      { expression: "object.metadata.name != 'fixed' || object.data.value != '4'", message: "not under this name" },
    ];
    const apiVersion = "admissionregistration.k8s.io/v1";
    await applyAsTest(world, {
      ...{ apiVersion, kind: "ValidatingAdmissionPolicy", metadata: { name: "no-three" } },
      spec: { matchConstraints: { resourceRules: rules }, validations },
    });
    await applyAsTest(world, {
      ...{ apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "no-three" } },
      spec: { policyName: "no-three", validationActions: ["Deny"] },
    });
    const probe = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "probe", namespace: "forced" } };
    await eventually(() => isDenied(world, { ...probe, data: { value: "3" } }), { what: "the policy" });
    const third = await commit("forced", { "fixed.yaml": fixed("3") });
    await world.condition("forced", "Ready", { reason: "ValidationFailed" });
    expect(await messageOf(world, "forced")).toMatch(/three is not allowed/);
    expect(await uidOf()).toBe(made);
    expect((await world.status("forced")).lastAppliedRevision).not.toContain(third);

    // What is refused by its own name alone is known when the former one is gone: that is put back.
    const fourth = await commit("forced", { "fixed.yaml": fixed("4") });
    await world.condition("forced", "Ready", { reason: "RolledBack", revision: fourth });
    expect(await messageOf(world, "forced")).toMatch(/not under this name/);
    expect(await world.get("ConfigMap", "forced", "fixed")).toMatchObject({ data: { value: "2" }, immutable: true });
  });

  it("waits for a Namespace that is being deleted, its own or another's, and makes all of it again", async () => {
    const a = (name: string, where: string) => configMap(name, "x", { namespace: where });
    const foreign = (where: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: where, name: "foreign" });
    const hold = async (where: string) => {
      const metadata = { name: "foreign", namespace: where, finalizers: ["example.com/stuck"] };
      await applyAsTest(world, { apiVersion: "v1", kind: "ConfigMap", metadata });
      const ref = { apiVersion: "v1", kind: "Namespace", name: where };
      await world.admin.delete(ref, { propagation: "Background" }, signal);
      await eventually(async () => (await world.get("ConfigMap", where, "a")) === undefined, { what: "a to go" });
    };
    const release = (where: string) =>
      world.admin.patch(foreign(where), { type: "merge", body: { metadata: { finalizers: [] } } }, {}, signal);

    await commit("leaves", { "a.yaml": a("a", "leaves") });
    await create("leaves", { timeout: "60s" });
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "theirs" } });
    await commitFolder(tree, "theirs", { "a.yaml": a("a", "theirs") });
    await create("theirs");
    for (const name of ["leaves", "theirs"]) await world.condition(name, "Ready", { status: "True" });

    await hold("leaves");
    await world.condition("leaves", "Healthy", { status: "False" });
    await hold("theirs");
    await world.condition("theirs", "Ready", { reason: "Conflict" });
    expect(await messageOf(world, "theirs")).toMatch(
      /theirs\/a.yaml:1: ConfigMap\/theirs\/a: its namespace is being deleted/,
    );
    const more = await commit("leaves", { "a.yaml": a("a", "leaves"), "b.yaml": a("b", "leaves") });
    await world.condition("leaves", "Reconciling", { status: "True", revision: more });
    await release("leaves");
    await world.condition("leaves", "Ready", { status: "True", revision: more });
    expect(await world.get("ConfigMap", "leaves", "b")).toBeDefined();
    await release("theirs");
    await eventually(async () => (await world.get("Namespace", "", "theirs")) === undefined, { what: "theirs to go" });
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "theirs" } });
    const { history } = await world.condition("theirs", "Ready", { status: "True" });
    expect(history?.map(({ outcome }) => outcome)).toEqual(["Succeeded"]);
    expect(await world.get("ConfigMap", "theirs", "a")).toBeDefined();
  });

  it("mends a conversion that does not work by the commit that mends it", async () => {
    const group = "conversion.example";
    const widget = (version: string, size: number) =>
      JSON.stringify({
        ...{ apiVersion: `${group}/${version}`, kind: "Widget" },
        metadata: { name: "one", namespace: "conversion" },
        spec: { size },
      });
    const definition = (conversion: JsonObject) => {
      const spec = { type: "object", properties: { size: { type: "integer" } } };
      const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
      const names = { kind: "Widget", listKind: "WidgetList", plural: "widgets", singular: "widget" };
      const versions = ["v1", "v2"].map((name) => ({ name, served: true, storage: name === "v1", schema }));
      return JSON.stringify({
        ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
        metadata: { name: `widgets.${group}` },
        spec: { group, names, scope: "Namespaced", versions, conversion },
      });
    };
    // Nobody listens there.
    const clientConfig = { url: "https://127.0.0.1:9/convert" };
    const webhook = { conversionReviewVersions: ["v1"], clientConfig };
    const broken = definition({ strategy: "Webhook", webhook });
    await commit("conversion", { "crd.yaml": broken, "widget.yaml": widget("v1", 1) });
    await create("conversion");
    await world.condition("conversion", "Ready", { status: "True" });
    const sha = await commit("conversion", {
      "crd.yaml": definition({ strategy: "None" }),
      "widget.yaml": widget("v2", 2),
    });
    await world.condition("conversion", "Ready", { status: "True", revision: sha }, 120_000);
    const ref = { apiVersion: `${group}/v2`, kind: "Widget", namespace: "conversion", name: "one" };
    expect(objectAt(await world.admin.get(ref, signal), "spec")).toEqual({ size: 2 });
  });

  it("carries integers digit for digit, and sees where one differs", async () => {
    const group = "large.example";
    const number = { type: "integer", format: "int64" };
    const spec = { type: "object", properties: { id: number, ids: { type: "array", items: number } } };
    const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
    const names = { kind: "Large", listKind: "LargeList", plural: "larges", singular: "large" };
    const definition = JSON.stringify({
      ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
      metadata: { name: `larges.${group}` },
      spec: { group, names, scope: "Namespaced", versions: [{ name: "v1", served: true, storage: true, schema }] },
    });
    const large = `apiVersion: ${group}/v1\nkind: Large\nmetadata: {name: one, namespace: large}
spec: {id: 9007199254740993, ids: [9223372036854775807, -9223372036854775808, 0x20000000000001]}\n`;
    await commit("large", { "crd.yaml": definition, "large.yaml": large });
    await create("large");
    await world.condition("large", "Ready", { status: "True" });
    const ref = { apiVersion: `${group}/v1`, kind: "Large", namespace: "large", name: "one" };
    const wanted = { id: 9007199254740993n, ids: [9223372036854775807n, -9223372036854775808n, 9007199254740993n] };
    const written = await world.admin.get(ref, signal);
    expect(objectAt(written, "spec")).toEqual(wanted);
    await world.admin.patch(ref, { type: "merge", body: { spec: { id: 9007199254740992 } } }, {}, signal);
    await eventually(async () => valueAt(await world.admin.get(ref, signal), "spec", "id") === wanted.id, {
      what: "the difference of one to be set right",
    });
    // The snapshot keeps them too.
    const [manifest] = (
      await readSnapshot([await world.get("Secret", "mooring-system", "mooring-snapshot-large")])
    ).stages
      .flatMap(({ manifests }) => manifests)
      .filter(({ id }) => id.kind === "Large");
    expect(objectAt(manifest?.object, "spec")).toEqual(wanted);
  });
});
