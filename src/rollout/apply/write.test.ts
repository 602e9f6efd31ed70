/** What is done with one object: it is there afterwards, or the reason why not is answered. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { labelsOf, never, settings } from "../../../test/rollout/objects.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { StageWrites } from "./stage-writes.ts";
import { applyIfGone, applyOne } from "./write.ts";

const desired = settings("web", {}, { data: { a: "git" } });
const owner = { name: "own", namespace: "mooring-system" };

function writesOf(
  manifest: Manifest,
  action: Action,
): { readonly writes: StageWrites; readonly planned: PlannedAction } {
  const key = formatId(manifest.id);
  const planned: PlannedAction = { id: manifest.id, version: "v1", stage: "", action };
  const writes: StageWrites = {
    actions: [planned],
    manifests: new Map([[key, manifest]]),
    objects: new Map([[key, manifest.object]]),
    deferred: new Set(),
    force: true,
    seen: { observed: new Map(), left: new Map(), at: performance.now(), isFirst: true },
    by: { owner, owned: new Set([key]) },
  };
  return { writes, planned };
}

/** Applies the ConfigMap by an action, after something was waited for, so that it is read right before. */
function applied(target: ApplyTarget, action: Action, found: string[] = [], manifest = manifestOf(desired)) {
  const { writes, planned } = writesOf(manifest, action);
  const onFound = async ({ id, action: { type } }: PlannedAction) => void found.push(`${type} ${id.name}`);
  return applyOne(target, planned, { writes, waited: true, onFound }, never);
}

describe("an object that is to be created", () => {
  test("is, and is clean from then on", async () => {
    const fake = new FakeCluster();
    const target = fake.target();
    expect(await applied(target, { type: "create" })).toMatchObject({ action: { type: "create" }, object: desired });
    const live = fake.get(refOf(desired));
    expect(live && target.comparisons.isClean(manifestOf(desired).id, manifestOf(desired).digest, live)).toBe(true);
  });

  test("and exists by now is updated, after that was told", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web", { labels: {} }));
    const found: string[] = [];
    expect(await applied(fake.target(), { type: "create" }, found)).toMatchObject({ action: { type: "update" } });
    expect([found, fake.writes]).toEqual([["update web"], ["apply ConfigMap/web"]]);
  });

  test("and cannot be told to exist is not changed", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web", { labels: {} }));
    const { writes, planned } = writesOf(manifestOf(desired), { type: "create" });
    const away = new Failure("ClusterUnreachable", { message: "the status cannot be written" });
    const onFound = () => Promise.reject(away);
    const result = await applyOne(fake.target(), planned, { writes, waited: true, onFound }, never);
    expect([result, fake.writes]).toMatchObject([{ code: "ClusterUnreachable" }, []]);
  });

  test("and is another Environment's by now is not", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web", { labels: labelsOf("other") }));
    expect(await applied(fake.target(), { type: "create" })).toMatchObject({ code: "OwnedByAnother" });
    expect(fake.writes).toEqual([]);
  });
});

describe("an object that is to be updated", () => {
  test("and is to be left alone by now is skipped", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web", { annotations: { "mooring.dev/reconcile": "disabled" } }));
    expect(await applied(fake.target(), { type: "update", changes: [] })).toEqual({
      action: { type: "skip", reason: "reconcile: disabled", remembered: "owned" },
    });
    expect(fake.writes).toEqual([]);
  });

  test("and moves here is applied at the version at which its former owner has it", async () => {
    const fake = new FakeCluster();
    const { metadata } = fake.put(settings("web", { labels: labelsOf("former") }));
    const sent: (string | undefined)[] = [];
    fake.refuse = ({ verb, desired: object }) => {
      if (verb === "apply") sent.push(object?.metadata.resourceVersion);
      return undefined;
    };
    const ownershipPeers = {
      claimedBy: async () => new Map(),
      unclaimed: async () => new Set([formatId(manifestOf(desired).id)]),
    };
    const from = { ...owner, name: "former" };
    await applied(fake.target({ ownershipPeers }), { type: "update", changes: [], from });
    expect(sent).toEqual([metadata.resourceVersion]);
  });
});

describe("an object that is to be recreated", () => {
  const recreate: Action = { type: "recreate", changes: [], reason: "is immutable" };

  test("is deleted and created", async () => {
    const fake = new FakeCluster();
    fake.put(desired);
    expect(await applied(fake.target(), recreate)).toMatchObject({ action: { type: "create" } });
    expect(fake.writes).toEqual(["delete ConfigMap/web", "apply ConfigMap/web"]);
  });

  test("and changes meanwhile is read again, ten times at most", async () => {
    const fake = new FakeCluster();
    fake.put(desired);
    let deletions = 0;
    fake.refuse = ({ verb }) => {
      if (verb !== "delete") return undefined;
      deletions += 1;
      return new Failure("Conflict", { message: "has been modified" });
    };
    expect(await applied(fake.target(), recreate)).toMatchObject({ code: "Conflict" });
    expect(deletions).toBe(10);
  });

  test("and is to be left alone after such a change is left", async () => {
    const fake = new FakeCluster();
    fake.put(desired);
    fake.refuse = ({ verb }) => {
      if (verb !== "delete") return undefined;
      fake.put(settings("web", { annotations: { "mooring.dev/reconcile": "disabled" } }));
      return new Failure("Conflict", { message: "has been modified" });
    };
    expect(await applied(fake.target(), recreate)).toMatchObject({ action: { type: "skip" } });
    expect(fake.get(refOf(desired))).toBeDefined();
  });
});

test("a write that went to an object that is being deleted is made again when that is gone", async () => {
  const fake = new FakeCluster();
  const target = fake.target();
  const going = { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] };
  let applies = 0;
  fake.refuse = ({ verb }) => {
    if (verb === "apply") applies += 1;
    // Somebody deletes it between the read and the first write.
    if (verb === "apply" && applies === 1) fake.put(settings("web", going));
    if (verb === "apply" && applies === 1) setTimeout(() => fake.remove(refOf(desired)), 20);
    return undefined;
  };
  fake.put(desired);
  const { writes, planned } = writesOf(manifestOf(desired), { type: "update", changes: [] });
  const cluster = {
    ...fake.cluster,
    apply: async (...args: Parameters<typeof fake.cluster.apply>) => {
      const result = await fake.cluster.apply(...args);
      const metadata = { ...result.object.metadata, ...(applies === 1 ? going : {}) };
      return { ...result, object: { ...result.object, metadata } as KubeObject };
    },
  };
  const writing = { writes, waited: true, onFound: async () => undefined };
  expect(await applyOne({ ...target, cluster }, planned, writing, never)).toMatchObject({ action: { type: "create" } });
  expect(applies).toBe(2);
});

describe("a refusal", () => {
  test("is answered with file and object", async () => {
    const fake = new FakeCluster();
    fake.refuse = () => new Failure("ObjectInvalid", { message: "no" });
    expect(await applied(fake.target(), { type: "create" })).toMatchObject({
      code: "ObjectInvalid",
      problems: [{ file: "web.yaml", line: 1, object: "ConfigMap/shop/web", message: "no" }],
    });
  });

  test("of a Secret is answered without the server's words, which may quote it", async () => {
    const fake = new FakeCluster();
    const discreet = new Failure("ObjectInvalid", { message: "the API server refuses it" });
    fake.refuse = () => new Failure("ObjectInvalid", { message: "hunter2 is not base64" }, { discreet });
    const result = await applied(fake.target(), { type: "create" }, [], { ...manifestOf(desired), sensitive: true });
    expect(result).toMatchObject({ message: expect.stringContaining("the API server refuses it") });
    expect(String(result instanceof Failure && result.cause)).not.toContain("hunter2");
  });

  test("that is none, but the end of the pass, is thrown", async () => {
    const stop = new AbortController();
    const fake = new FakeCluster();
    const reason = new Failure("Interrupted", { message: "a newer commit" });
    const apply = () => {
      stop.abort(reason);
      return Promise.reject(new DOMException("aborted", "AbortError"));
    };
    const { writes, planned } = writesOf(manifestOf(desired), { type: "create" });
    const target = fake.target({ cluster: { ...fake.cluster, apply } });
    const writing = { writes, waited: true, onFound: async () => undefined };
    await expect(applyOne(target, planned, writing, stop.signal)).rejects.toBe(reason);
  });
});

describe("an object that somebody deletes during a wait", () => {
  const { writes } = writesOf(manifestOf(desired), { type: "unchanged" });
  const { id } = manifestOf(desired);

  test("is made again, with its new version answered", async () => {
    const fake = new FakeCluster();
    expect(await applyIfGone(fake.target(), writes, id, never)).toBe("1");
    expect(fake.writes).toEqual(["apply ConfigMap/web"]);
  });

  test("is not where it is still there, in whatever state", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web", { deletionTimestamp: "2026-01-01T00:00:00Z" }));
    expect(await applyIfGone(fake.target(), writes, id, never)).toBeUndefined();
    expect(fake.writes).toEqual([]);
  });

  test("is not where it is no part of the stage", async () => {
    const fake = new FakeCluster();
    expect(await applyIfGone(fake.target(), writes, { ...id, name: "other" }, never)).toBeUndefined();
    expect(fake.writes).toEqual([]);
  });

  test("and refused is told with its file", async () => {
    const fake = new FakeCluster();
    fake.refuse = () => new Failure("QuotaExceeded", { message: "full" });
    await expect(applyIfGone(fake.target(), writes, id, never)).rejects.toMatchObject({
      code: "QuotaExceeded",
      problems: [{ file: "web.yaml", message: "full" }],
    });
  });
});
