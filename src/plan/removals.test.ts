import { describe, expect, test } from "vitest";
import type { KubeObject } from "../model/manifest.ts";
import { formatId } from "../model/object-id.ts";
import type { Action } from "../model/plan.ts";
import { withOwner } from "./ownership/owner.ts";
import { makePlan } from "./plan.ts";
import type { PlanInput } from "./plan-input.ts";

const owner = { name: "production", namespace: "mooring-system" };
const another = { name: "staging", namespace: "mooring-system" };

function object(kind: string, name: string): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name, namespace: "shop" } };
}

const owned = (wanted: KubeObject, by = owner): KubeObject => {
  const { kind, metadata } = wanted;
  const id = { group: "", kind, namespace: "shop", name: metadata.name };
  return withOwner({ id, object: wanted, origin: { file: "a.yaml", chain: [] }, sensitive: false, digest: "" }, by)
    .object;
};

/** The plan of one object that is in the inventory and no longer wanted. */
function removalOf(live: KubeObject | undefined, more: Partial<PlanInput> = {}): Action | undefined {
  const { kind, metadata } = live ?? object("ConfigMap", "old");
  const key = formatId({ group: "", kind, namespace: "shop", name: metadata.name });
  const input = {
    stages: [],
    observed: new Map([[key, { live }]]),
    inventory: { entries: [{ id: key, v: "v1" }] },
    owner,
    prune: true,
    force: false,
    guard: undefined,
    approved: undefined,
  };
  return makePlan({ ...input, ...more }).actions[0]?.action;
}

const guard = { maxObjects: 10, maxPercent: 20, kinds: [] };

describe("an object that is no longer wanted", () => {
  const old = object("ConfigMap", "old");
  const kept = (name: string) =>
    owned({ ...old, metadata: { ...old.metadata, annotations: { [`mooring.dev/${name}`]: "disabled" } } });
  test.each<readonly [string, KubeObject | undefined, Partial<PlanInput>, Action | undefined]>([
    ["is deleted", owned(old), {}, { type: "delete" }],
    ["is forgotten when it is gone", undefined, {}, undefined],
    [
      "is kept without the labels",
      old,
      {},
      { type: "orphan", reason: "it no longer carries the environment's labels" },
    ],
    [
      "is kept when it moved to another Environment",
      owned(old, another),
      {},
      { type: "orphan", reason: "it belongs to Environment mooring-system/staging now" },
    ],
    ["is kept when prune is off", owned(old), { prune: false }, { type: "orphan", reason: "prune is off" }],
    ["is kept under prune: disabled", kept("prune"), {}, { type: "orphan", reason: "prune: disabled" }],
    [
      "is kept under reconcile: disabled, for as long as that stands",
      kept("reconcile"),
      {},
      { type: "orphan", reason: "reconcile: disabled", remembered: "owned" },
    ],
    [
      "is kept under a label of Flux",
      owned({ ...old, metadata: { ...old.metadata, labels: { "kustomize.toolkit.fluxcd.io/prune": "disabled" } } }),
      {},
      { type: "orphan", reason: "prune: disabled" },
    ],
    [
      "is kept under ssa: Ignore",
      owned({ ...old, metadata: { ...old.metadata, labels: { "mooring.dev/ssa": "Ignore" } } }),
      {},
      { type: "orphan", reason: "ssa: Ignore" },
    ],
    [
      "is kept for another Environment that wants it",
      owned(old),
      { peers: { claimed: new Map([["shop_old__ConfigMap", another]]), unclaimed: new Set() } },
      { type: "orphan", reason: "Environment mooring-system/staging wants it", remembered: "owned" },
    ],
    [
      "is deleted by a rollback when the failed revision created it",
      owned(old),
      { rollback: { found: new Set(["shop_other__ConfigMap"]) } },
      { type: "delete" },
    ],
    [
      "is kept by a rollback when the failed revision did not create it",
      owned(old),
      { rollback: { found: new Set(), created: new Set(["shop_other__ConfigMap"]) } },
      {
        type: "orphan",
        reason: "the failed revision did not create it, and the snapshot to roll back to does not have it",
        remembered: "owned",
      },
    ],
    [
      "is kept by a rollback when it is of a kind that the deletion guard holds",
      owned(old),
      { rollback: { found: new Set() }, guard: { ...guard, kinds: ["ConfigMap"] } },
      { type: "orphan", reason: "a rollback never deletes a ConfigMap", remembered: "created" },
    ],
    [
      "is kept by a rollback that would leave nothing",
      owned(old),
      { rollback: { found: new Set(), created: new Set(["shop_old__ConfigMap"]) }, guard },
      {
        type: "orphan",
        reason: "deletion is held: nothing would be left: all 1 objects would be deleted",
        remembered: "created",
      },
    ],
    [
      "is kept by a rollback when the failed revision found it",
      owned(old),
      { rollback: { found: new Set(["shop_old__ConfigMap"]) } },
      { type: "orphan", reason: "it existed before the failed revision", remembered: "found" },
    ],
    [
      "is kept when a rollback left it",
      owned(old),
      { inventory: { entries: [{ id: "shop_old__ConfigMap", v: "v1", left: "created" }] } },
      {
        type: "orphan",
        reason: "left by a rollback; delete it by hand, or add it to the repository again",
        remembered: "created",
      },
    ],
    [
      "is kept by a rollback when it holds data",
      owned(object("PersistentVolumeClaim", "old")),
      { rollback: { found: new Set() } },
      { type: "orphan", reason: "a rollback never deletes a PersistentVolumeClaim", remembered: "created" },
    ],
  ])("%s", (_what, live, more, expected) => {
    expect(removalOf(live, more)).toEqual(expected);
  });
});
