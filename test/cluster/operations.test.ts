import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect, refOf } from "../../src/cluster/index.ts";
import { inParallel } from "../../src/model/async/in-parallel.ts";
import { listAt, objectAt, stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { eventually } from "../support/wait.ts";
import { configMap, deployment, thingDefinition } from "./objects.ts";

let plane: ControlPlane;
let cluster: Cluster;
const { signal } = new AbortController();
const force = { dryRun: false, force: true };

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
  cluster = await connect({ from: "files", paths: [plane.kubeconfig] });
});

afterAll(async () => {
  await cluster?.close();
  await plane?.stop();
});

describe("apply", () => {
  test("creates, then changes, and says which it was", async () => {
    const first = await cluster.apply(configMap("applied"), force, signal);
    expect(first.created).toBe(true);
    const second = await cluster.apply(configMap("applied", { key: "other" }), force, signal);
    expect(second.created).toBe(false);
    expect(second.object.metadata.uid).toBe(first.object.metadata.uid);
    expect(objectAt(await cluster.get(refOf(first.object), signal), "data")).toEqual({ key: "other" });
  });

  test("owns its fields as mooring, or under the name it is given", async () => {
    const managers = async (fieldManager?: string) => {
      const options = fieldManager === undefined ? force : { ...force, fieldManager };
      const { object } = await cluster.apply(configMap(`managed-${fieldManager}`), options, signal);
      return object.metadata.managedFields;
    };
    expect(await managers()).toMatchObject([{ manager: "mooring", operation: "Apply" }]);
    expect(await managers("other")).toMatchObject([{ manager: "other", operation: "Apply" }]);
  });

  test("a dry run answers with the defaulted object and writes nothing", async () => {
    const wanted = deployment("dry");
    const { object, created } = await cluster.apply(wanted, { dryRun: true, force: true }, signal);
    expect(created).toBe(true);
    expect(stringAt(object, "spec", "strategy", "type")).toBe("RollingUpdate");
    expect(await cluster.get(refOf(wanted), signal)).toBeUndefined();
  });
});

describe("list", () => {
  test("reads more than one page, filled in with the kind, selected and reduced", async () => {
    const names = Array.from({ length: 620 }, (_, index) => `listed-${String(index).padStart(3, "0")}`);
    await inParallel(names, 16, (name) => cluster.apply(configMap(name), force, signal), signal);
    const type = await cluster.resource("v1", "ConfigMap", signal);
    if (type === undefined) throw new Error("no ConfigMaps");
    const before = cluster.stats().list;
    const keep = (object: KubeObject) => ({ ...object, data: { replaced: "yes" } });
    const options = { namespace: "default", labelSelector: "test=yes", keep };
    const { items, resourceVersion } = await cluster.list(type, options, signal);
    expect(cluster.stats().list - before).toBe(2);
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    const listed = items.filter((item) => item.metadata.name.startsWith("listed-"));
    expect(listed.map((item) => item.metadata.name).sort()).toEqual(names);
    expect(listed[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { replaced: "yes" } });
  });

  test("only metadata, one object by its name", async () => {
    await cluster.apply(configMap("bare"), force, signal);
    const type = await cluster.resource("v1", "ConfigMap", signal);
    if (type === undefined) throw new Error("no ConfigMaps");
    const options = { fieldSelector: "metadata.name=bare", metadataOnly: true };
    const { items } = await cluster.list(type, options, signal);
    expect(items).toMatchObject([{ apiVersion: "v1", kind: "ConfigMap", metadata: { labels: { test: "yes" } } }]);
    expect(items[0]).not.toHaveProperty("data");
  });
});

describe("delete", () => {
  // The API server answers with a Status for some kinds, with the object as it was for others.
  test.each(["ConfigMap", "Secret", "ServiceAccount"])("deletes that %s, once", async (kind) => {
    const wanted = { apiVersion: "v1", kind, metadata: { name: "doomed", namespace: "default" } };
    const { object } = await cluster.apply(wanted, force, signal);
    const options = { uid: object.metadata.uid ?? "", propagation: "Background" } as const;
    expect(await cluster.delete(refOf(object), options, signal)).toBe("deleted");
    expect(await cluster.delete(refOf(object), options, signal)).toBe("absent");
  });

  test("leaves an object that only has the same name", async () => {
    const { object } = await cluster.apply(configMap("namesake"), force, signal);
    const options = { uid: "00000000-0000-0000-0000-000000000000", propagation: "Background" } as const;
    await expect(cluster.delete(refOf(object), options, signal)).rejects.toMatchObject({ code: "Conflict" });
    expect(await cluster.get(refOf(object), signal)).toBeDefined();
  });

  test("says that finalizers still hold it", async () => {
    const held = configMap("held");
    const metadata = { ...held.metadata, finalizers: ["example.com/wait"] };
    await cluster.apply({ ...held, metadata }, force, signal);
    expect(await cluster.delete(refOf(held), { propagation: "Foreground" }, signal)).toBe("terminating");
    const release = { type: "merge", body: { metadata: { finalizers: null } } } as const;
    await cluster.patch(refOf(held), release, {}, signal);
    expect(await cluster.get(refOf(held), signal)).toBeUndefined();
  });

  test("of a kind that is not served is done already", async () => {
    const ref = { apiVersion: "none.example/v1", kind: "Nothing", namespace: "default", name: "x" };
    expect(await cluster.delete(ref, { propagation: "Background" }, signal)).toBe("absent");
  });
});

describe("create, update and patch", () => {
  const lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "leader", namespace: "default" },
    spec: { holderIdentity: "one" },
  };

  test("create refuses what exists; update refuses what changed in between", async () => {
    const created = await cluster.create(lease, signal);
    await expect(cluster.create(lease, signal)).rejects.toMatchObject({ code: "Conflict" });
    const mine = { ...created, spec: { holderIdentity: "two" } };
    const updated = await cluster.update(mine, {}, signal);
    expect(stringAt(updated, "spec", "holderIdentity")).toBe("two");
    await expect(cluster.update(mine, {}, signal)).rejects.toMatchObject({ code: "Conflict" });
  });

  test.each([
    { type: "merge", body: { spec: { replicas: 3 } } },
    { type: "strategic", body: { spec: { replicas: 3 } } },
    { type: "json", body: [{ op: "replace", path: "/spec/replicas", value: 3 }] },
  ] as const)("patches as $type", async (patch) => {
    const { object } = await cluster.apply(deployment(`patched-${patch.type}`), force, signal);
    expect(await cluster.patch(refOf(object), patch, {}, signal)).toMatchObject({ spec: { replicas: 3 } });
  });

  test("writes a subresource", async () => {
    const { object } = await cluster.apply(deployment("with-status"), force, signal);
    const patch = { type: "merge", body: { status: { observedGeneration: 7 } } } as const;
    const patched = await cluster.patch(refOf(object), patch, { subresource: "status" }, signal);
    expect(patched).toMatchObject({ status: { observedGeneration: 7 } });
  });
});

describe("discovery", () => {
  test("knows built-in kinds from two requests", async () => {
    const fresh = await connect({ from: "files", paths: [plane.kubeconfig] });
    expect(await fresh.resource("apps/v1", "Deployment", signal)).toMatchObject({
      group: "apps",
      version: "v1",
      plural: "deployments",
      namespaced: true,
    });
    expect(await fresh.resource("v1", "Namespace", signal)).toMatchObject({ plural: "namespaces", namespaced: false });
    expect(fresh.stats().discovery).toBe(2);
    await fresh.close();
  });

  test("many who miss a kind at once cost one more look", async () => {
    const fresh = await connect({ from: "files", paths: [plane.kubeconfig] });
    const asked = Array.from({ length: 50 }, () => fresh.resource("none.example/v1", "Nothing", signal));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([undefined]));
    expect(fresh.stats().discovery).toBe(2);
    await fresh.close();
  });

  test("all kinds, by every name that people type, in the server's order", async () => {
    const kinds = await cluster.kinds(signal);
    const called = (name: string) =>
      kinds.filter(({ shortNames }) => shortNames?.includes(name)).map(({ kind }) => kind);
    expect(called("deploy")).toEqual(["Deployment"]);
    expect(called("configmap")).toEqual(["ConfigMap"]);
    const events = kinds.filter(({ kind }) => kind === "Event").map(({ group }) => group);
    expect(events).toEqual(["", "events.k8s.io"]);
  });

  test("a kind comes as soon as its definition is established, and goes with it", async () => {
    const thing = {
      apiVersion: "find.example/v1",
      kind: "Thing",
      metadata: { name: "one", namespace: "default" },
      spec: { size: "big" },
    };
    expect(await cluster.resource(thing.apiVersion, thing.kind, signal)).toBeUndefined();
    const { object } = await cluster.apply(thingDefinition("find.example"), force, signal);
    const isEstablished = async () => {
      const conditions = listAt((await cluster.get(refOf(object), signal))?.status, "conditions");
      return conditions.some((one) => stringAt(one, "type") === "Established" && stringAt(one, "status") === "True");
    };
    await eventually(isEstablished, { what: "the definition" });
    expect(await cluster.resource(thing.apiVersion, thing.kind, signal)).toMatchObject({ plural: "things" });
    expect((await cluster.apply(thing, force, signal)).created).toBe(true);

    await cluster.delete(refOf(object), { propagation: "Background" }, signal);
    const isGone = async () => {
      await expect(cluster.get(refOf(thing), signal)).rejects.toMatchObject({ code: "KindUnknown" });
      return (await cluster.resource(thing.apiVersion, thing.kind, signal)) === undefined;
    };
    await eventually(isGone, { what: "the kind to go with its definition" });
    expect(await cluster.delete(refOf(thing), { propagation: "Background" }, signal)).toBe("absent");
  });
});

test("of a group whose server does not answer nothing is known, which is not the same as nothing being there", async () => {
  const spec = {
    group: "dead.example",
    version: "v1",
    service: { name: "nobody", namespace: "default" },
    insecureSkipTLSVerify: true,
    groupPriorityMinimum: 100,
    versionPriority: 100,
  };
  const service = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.dead.example" },
    spec,
  };
  await cluster.apply(service, force, signal);
  const find = () =>
    cluster.resource("dead.example/v1", "Thing", signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(await eventually(find, { what: "the group to be known as stale" })).toMatchObject({
    code: "ClusterUnreachable",
  });
  await cluster.delete(refOf(service), { propagation: "Background" }, signal);
});

describe("impersonation", () => {
  test("acts with the rights of the other, over the same connections and counts", async () => {
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "deployer", namespace: "default" } };
    const metadata = { name: "deployer", namespace: "default" };
    const rbac = "rbac.authorization.k8s.io";
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "create", "patch"] }];
    const roleRef = { apiGroup: rbac, kind: "Role", name: "deployer" };
    await cluster.apply(account, force, signal);
    await cluster.apply({ apiVersion: `${rbac}/v1`, kind: "Role", metadata, rules }, force, signal);
    await cluster.apply(
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata,
        roleRef,
        subjects: [{ kind: "ServiceAccount", ...metadata }],
      },
      force,
      signal,
    );
    const deployer = cluster.impersonate({ user: "system:serviceaccount:default:deployer" });
    await eventually(() => deployer.apply(configMap("by-deployer"), force, signal), { what: "RBAC to take effect" });
    const refused = deployer.apply(deployment("by-deployer"), force, signal);
    await expect(refused).rejects.toMatchObject({ code: "Forbidden" });
    expect(deployer.stats()).toEqual(cluster.stats());
    await deployer.close();
    expect(await cluster.get(refOf(configMap("by-deployer")), signal)).toBeDefined();
  });
});

test("after close nothing is sent any more", async () => {
  const closed = await connect({ from: "files", paths: [plane.kubeconfig] });
  await closed.resource("v1", "Secret", signal);
  await closed.close();
  await expect(closed.get(refOf(configMap("x")), signal)).rejects.toMatchObject({ code: "ClusterUnreachable" });
});
