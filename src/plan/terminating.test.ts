import { expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import type { Action } from "../model/plan.ts";
import { withOwner } from "./ownership/owner.ts";
import { makePlan } from "./plan.ts";
import type { Observed } from "./plan-input.ts";

const owner = { name: "production", namespace: "mooring-system" };
const id = { group: "", kind: "ConfigMap", namespace: "shop", name: "a" };

function manifest(annotations: Readonly<Record<string, string>> = {}): Manifest {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop", annotations } };
  return withOwner({ id, object, origin: { file: "a.yaml", chain: [] }, sensitive: false, digest: "d" }, owner);
}

const { object } = manifest();
const leaving: KubeObject = {
  ...object,
  metadata: { ...object.metadata, uid: "1", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["example.com/a"] },
};

function actionFor(wanted: Manifest, seen: Observed): Action | undefined {
  const observed = new Map([["shop_a__ConfigMap", seen]]);
  const stages = [{ name: "", manifests: [wanted] }];
  const input = { stages, observed, inventory: { entries: [] }, owner, prune: true, force: false };
  return makePlan({ ...input, guard: undefined, approved: undefined }).actions[0]?.action;
}

test("an object whose earlier self is being deleted is created once that is gone", () => {
  const afterwards = { type: "create", after: "deletion" };
  expect(actionFor(manifest(), { live: leaving })).toEqual(afterwards);
  expect(actionFor(manifest({ "mooring.dev/ssa": "IfNotPresent" }), { live: leaving })).toEqual(afterwards);
});

test("it is left alone where it says so, and refused where it could not be created", () => {
  const left = { type: "skip", reason: "reconcile: disabled", remembered: "owned" };
  expect(actionFor(manifest({ "mooring.dev/reconcile": "disabled" }), { live: leaving })).toMatchObject({
    type: "skip",
    reason: left.reason,
  });
  const rejection = new Failure("AdmissionDenied", { message: "no" });
  expect(() => actionFor(manifest(), { live: leaving, rejection })).toThrow(rejection.message);
});
