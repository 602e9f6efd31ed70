/** A deletion hits only the object that was seen, and keeps what others have or want by now. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { deployment, labelsOf, never, settings } from "../../../test/rollout/objects.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { prune } from "./prune.ts";

const role: KubeObject = {
  ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" },
  metadata: { name: "r", namespace: "shop", labels: labelsOf() },
};
const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: labelsOf() } };
const planned = (object: KubeObject, action: Action = { type: "delete" }): PlannedAction => ({
  ...{ id: manifestOf(object).id, version: "v1", stage: "", action },
});
const keyOf = (object: KubeObject) => formatId(manifestOf(object).id);

/** Puts objects into a cluster, and answers with what is seen of them. */
function seenIn(fake: FakeCluster, objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), fake.put(object)]));
}

const pruned = (fake: FakeCluster, objects: readonly KubeObject[], more: Partial<ApplyTarget> = {}) =>
  prune(
    fake.target(more),
    objects.map((each) => planned(each)),
    seenIn(fake, objects),
    never,
  );

test("in reverse order of the waves, whatever the order of the plan", async () => {
  const fake = new FakeCluster();
  const outcome = await pruned(fake, [namespace, role, settings("config"), deployment("web")]);
  expect(fake.writes).toEqual([
    "delete Deployment/web",
    "delete ConfigMap/config",
    "delete Role/r",
    "delete Namespace/shop",
  ]);
  expect(outcome).toEqual({ survivors: new Set(), kept: [], failure: undefined });
});

test.each<readonly [what: string, action: Action]>([
  ["is kept", { type: "orphan", reason: "prune: disabled" }],
  ["is created", { type: "create" }],
  ["stays", { type: "unchanged" }],
])("nothing that %s, and then no peer is asked", async (_what, action) => {
  const fake = new FakeCluster();
  const claimedBy = () => Promise.reject(new Failure("Bug", { message: "must not be asked" }));
  const target = fake.target({ ownershipPeers: { claimedBy, unclaimed: async () => new Set() } });
  const outcome = await prune(target, [planned(settings("web"), action)], seenIn(fake, [settings("web")]), never);
  expect([fake.writes, outcome.survivors.size]).toEqual([[], 0]);
});

test("what has gone already is done", async () => {
  const fake = new FakeCluster();
  const outcome = await prune(fake.target(), [planned(settings("web"))], new Map(), never);
  expect([fake.writes, outcome.failure]).toEqual([[], undefined]);
});

test("what another Environment has come to want stays, and is told with that", async () => {
  const fake = new FakeCluster();
  const heir = { name: "heir", namespace: "mooring-system" };
  const claimedBy = async () => new Map([[keyOf(settings("old")), heir]]);
  const ownershipPeers = { claimedBy, unclaimed: async () => new Set<string>() };
  const outcome = await pruned(fake, [settings("old"), settings("older")], { ownershipPeers });
  expect(fake.writes).toEqual(["delete ConfigMap/older"]);
  expect(outcome).toMatchObject({
    survivors: new Set([keyOf(settings("old"))]),
    kept: [{ id: { name: "old" }, reason: expect.stringContaining("heir") }],
    failure: undefined,
  });
});

describe("an object that was changed since it was seen", () => {
  /** Prunes an object that is `now` by the time of its deletion. */
  async function changedTo(now: KubeObject | undefined) {
    const fake = new FakeCluster();
    const seen = seenIn(fake, [settings("web")]);
    if (now === undefined) fake.remove(refOf(settings("web")));
    else fake.put(now);
    const outcome = await prune(fake.target(), [planned(settings("web"))], seen, never);
    return { outcome, isThere: fake.get(refOf(settings("web"))) !== undefined };
  }

  test.each<readonly [what: string, now: KubeObject | undefined, isThere: boolean]>([
    ["by a controller is read again and deleted", settings("web", {}, { status: { phase: "Bound" } }), false],
    ["by another Environment stays", settings("web", { labels: labelsOf("other") }), true],
    ["by somebody who took its labels off stays", settings("web", { labels: {} }), true],
    ["to be kept stays", settings("web", { annotations: { "mooring.dev/prune": "disabled" } }), true],
    ["to be left alone stays", settings("web", { annotations: { "mooring.dev/reconcile": "disabled" } }), true],
    ["to be ignored stays", settings("web", { annotations: { "mooring.dev/ssa": "Ignore" } }), true],
    ["by its end is gone", undefined, false],
  ])("%s", async (_what, now, isThere) => {
    const { outcome, ...rest } = await changedTo(now);
    expect(rest).toEqual({ isThere });
    // What is left alone is no longer the Environment's.
    expect(outcome).toEqual({ survivors: new Set(), kept: [], failure: undefined });
  });

  test("and made again under its name stays", async () => {
    const fake = new FakeCluster();
    const seen = new Map([[keyOf(settings("web")), { ...fake.put(settings("web")) }]]);
    const [[key, object] = ["", settings("web")]] = seen;
    const former = { ...object, metadata: { ...object.metadata, uid: "former" } };
    await prune(fake.target(), [planned(settings("web"))], new Map([[key, former]]), never);
    expect(fake.get(refOf(settings("web")))).toBeDefined();
  });

  test("again and again is an error after ten attempts", async () => {
    const fake = new FakeCluster();
    const seen = seenIn(fake, [settings("web")]);
    let deletions = 0;
    fake.refuse = ({ verb }) => {
      if (verb !== "delete") return undefined;
      deletions += 1;
      return new Failure("Conflict", { message: "has been modified" });
    };
    const outcome = await prune(fake.target(), [planned(settings("web"))], seen, never);
    expect(deletions).toBe(10);
    expect(outcome).toMatchObject({ survivors: new Set([keyOf(settings("web"))]), failure: { code: "Conflict" } });
  });
});

describe("what cannot be deleted", () => {
  const refusing = (...names: readonly string[]) => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb, object }) =>
      verb === "delete" && names.includes(object.name)
        ? new Failure("AdmissionDenied", { message: `not ${object.name}` })
        : undefined;
    return fake;
  };

  test("keeps no other from being deleted, and stays owned; all are told together", async () => {
    const fake = refusing("one", "three");
    const outcome = await pruned(
      fake,
      ["one", "two", "three"].map((name) => settings(name)),
    );
    expect(fake.writes).toEqual(["delete ConfigMap/two"]);
    expect([...outcome.survivors].sort()).toEqual([keyOf(settings("one")), keyOf(settings("three"))]);
    expect(outcome.failure).toMatchObject({
      code: "AdmissionDenied",
      problems: [
        { object: "ConfigMap/shop/one", message: "not one" },
        { object: "ConfigMap/shop/three", message: "not three" },
      ],
    });
  });

  test("was deleted by somebody else already", async () => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb }) => (verb === "delete" ? new Failure("NotFound", { message: "no" }) : undefined);
    expect(await pruned(fake, [settings("web")])).toMatchObject({ survivors: new Set(), failure: undefined });
  });

  test("ends with the pass where that is interrupted", async () => {
    const stop = new AbortController();
    const reason = new Failure("Interrupted", { message: "a newer commit" });
    const fake = new FakeCluster();
    const seen = seenIn(fake, [settings("web")]);
    fake.refuse = () => {
      stop.abort(reason);
      return new Failure("ClusterUnreachable", { message: "no" });
    };
    await expect(prune(fake.target(), [planned(settings("web"))], seen, stop.signal)).rejects.toBe(reason);
  });
});

test("what is deleted is compared no more, and what is not stays as compared", async () => {
  const fake = new FakeCluster();
  fake.refuse = ({ object }) => (object.name === "kept" ? new Failure("Forbidden", { message: "no" }) : undefined);
  const target = fake.target();
  const objects = [settings("web"), settings("kept")];
  const seen = seenIn(fake, objects);
  for (const object of objects) {
    target.comparisons.rememberClean(manifestOf(object), object, seen.get(keyOf(object)) ?? object);
  }
  await prune(
    target,
    objects.map((each) => planned(each)),
    seen,
    never,
  );
  const isCompared = objects.map((object) =>
    target.comparisons.isUnchanged(manifestOf(object).id, seen.get(keyOf(object)) ?? object),
  );
  expect(isCompared).toEqual([false, true]);
});
