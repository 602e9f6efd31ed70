import { describe, expect, test } from "vitest";
import { actionFor, another, inputOf, manifest, object, owned } from "../../test/plan/planned-objects.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import type { Action } from "../model/plan.ts";
import { makePlan } from "./plan.ts";
import type { Observed, PlanInput } from "./plan-input.ts";
import { keptKinds } from "./removals.ts";

const settings = manifest(object("ConfigMap", "settings", { colour: "green" }));
const blue = owned(object("ConfigMap", "settings", { colour: "blue" }));
const immutable = new Failure("FieldImmutable", { message: "data is immutable" });
const annotated = (name: string, value: string) =>
  object("ConfigMap", "settings", {}, { annotations: { [`mooring.dev/${name}`]: value } });
const labelled = (name: string, value: string): KubeObject => ({
  ...object("ConfigMap", "settings"),
  metadata: { name: "settings", namespace: "shop", labels: { [name]: value } },
});

describe("an object that is wanted", () => {
  test.each<readonly [string, Manifest, Observed, Partial<PlanInput>, Action]>([
    ["is created", settings, { live: undefined }, {}, { type: "create" }],
    [
      "is left when it is as wanted",
      settings,
      { live: settings.object, applied: settings.object },
      {},
      { type: "unchanged" },
    ],
    [
      "is left when only the API server's own fields differ",
      settings,
      {
        live: settings.object,
        applied: {
          ...settings.object,
          status: { a: 1 },
          metadata: { ...settings.object.metadata, generation: 4, uid: "u" },
        },
      },
      {},
      { type: "unchanged" },
    ],
    [
      "is changed, field by field",
      settings,
      { live: blue, applied: settings.object },
      {},
      { type: "update", changes: [{ path: "/data/colour", from: "blue", to: "green" }] },
    ],
    [
      "is recreated with force",
      settings,
      { live: blue, rejection: immutable },
      { force: true },
      { type: "recreate", changes: [{ path: "/data/colour", from: "blue", to: "green" }], reason: "data is immutable" },
    ],
    [
      "is skipped under ssa: Ignore",
      manifest(annotated("ssa", "Ignore")),
      { live: undefined },
      {},
      { type: "skip", reason: "ssa: Ignore" },
    ],
    [
      "is skipped under ssa: IfNotPresent when it is there",
      manifest(annotated("ssa", "IfNotPresent")),
      { live: object("ConfigMap", "settings", { colour: "blue" }) },
      {},
      { type: "skip", reason: "ssa: IfNotPresent, and it is there" },
    ],
    [
      "is skipped under a label of Flux that says so",
      manifest(labelled("kustomize.toolkit.fluxcd.io/ssa", "IfNotPresent")),
      { live: blue },
      {},
      { type: "skip", reason: "ssa: IfNotPresent, and it is there", remembered: "owned" },
    ],
    [
      "is skipped when the live one says ssa: Ignore",
      settings,
      { live: owned(labelled("mooring.dev/ssa", "Ignore")) },
      {},
      { type: "skip", reason: "ssa: Ignore", remembered: "owned" },
    ],
    [
      "is recreated when the live one says force: enabled",
      settings,
      { live: owned(labelled("kustomize.toolkit.fluxcd.io/force", "Enabled")), rejection: immutable },
      {},
      { type: "recreate", changes: expect.anything(), reason: "data is immutable" },
    ],
    [
      "is created under ssa: IfNotPresent",
      manifest(annotated("ssa", "IfNotPresent")),
      { live: undefined },
      {},
      { type: "create" },
    ],
    [
      "is skipped when the live one says reconcile: disabled",
      settings,
      { live: annotated("reconcile", "disabled") },
      {},
      { type: "skip", reason: "reconcile: disabled" },
    ],
    [
      "stays owned when it is skipped and was created here",
      manifest(annotated("ssa", "IfNotPresent")),
      { live: owned(annotated("ssa", "IfNotPresent")) },
      {},
      { type: "skip", reason: "ssa: IfNotPresent, and it is there", remembered: "owned" },
    ],
    [
      "moves here from an Environment that has let it go",
      settings,
      { live: owned(object("ConfigMap", "settings", { colour: "blue" }), another), applied: blue },
      { peers: { claimed: new Map(), unclaimed: new Set(["shop_settings__ConfigMap"]) } },
      {
        type: "update",
        changes: [{ path: "/metadata/labels/environment.mooring.dev~1name", from: "staging", to: "production" }],
        found: true,
        from: another,
      },
    ],
    [
      "is left to another Environment by content of the past",
      settings,
      { live: owned(object("ConfigMap", "settings"), another) },
      { rollback: { found: new Set() } },
      { type: "skip", reason: "Environment mooring-system/staging has it now" },
    ],
    [
      "is adopted when nobody has it",
      settings,
      { live: object("ConfigMap", "settings", { colour: "green" }), applied: settings.object },
      { peers: { claimed: new Map(), unclaimed: new Set() } },
      {
        type: "update",
        changes: [
          {
            path: "/metadata/labels",
            from: undefined,
            to: {
              "environment.mooring.dev/name": "production",
              "environment.mooring.dev/namespace": "mooring-system",
            },
          },
        ],
        found: true,
      },
    ],
  ])("%s", (...[, wanted, seen, more, expected]) => {
    expect(actionFor(wanted, seen, more)).toEqual(expected);
  });

  test("names the manager that set a field", () => {
    const managedFields = [{ manager: "kubectl-edit", fieldsV1: { "f:data": { "f:colour": {} } } }];
    const live = { ...blue, metadata: { ...blue.metadata, managedFields } };
    expect(actionFor(settings, { live, applied: settings.object })).toMatchObject({
      changes: [{ path: "/data/colour", manager: "kubectl-edit" }],
    });
  });

  test.each<readonly [string, Manifest, Observed, string, string]>([
    [
      "belongs to another Environment",
      settings,
      { live: owned(object("ConfigMap", "settings"), another) },
      "OwnedByAnother",
      "belongs to Environment mooring-system/staging",
    ],
    [
      "has an immutable field changed",
      settings,
      { live: blue, rejection: immutable },
      "FieldImmutable",
      "mooring.dev/force: enabled",
    ],
    [
      "is refused by the API server",
      settings,
      { live: undefined, rejection: new Failure("ObjectInvalid", { message: "is wrong", field: "data" }) },
      "ObjectInvalid",
      "settings.yaml:1: data: is wrong",
    ],
  ])("is refused when it %s", (...[, wanted, seen, code, message]) => {
    expect(() => actionFor(wanted, seen)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test.each(keptKinds)("is never recreated as a %s", (kind) => {
    const wanted = manifest(object(kind, "kept"));
    const seen = { live: wanted.object, rejection: immutable };
    expect(() => actionFor(wanted, seen, { force: true })).toThrow(expect.objectContaining({ code: "FieldImmutable" }));
  });

  test("is not recreated for an Environment's force when it is never to be deleted, only for its own", () => {
    const live = owned(labelled("kustomize.toolkit.fluxcd.io/prune", "disabled"));
    const rejected = { live, rejection: immutable };
    expect(() => actionFor(settings, rejected, { force: true })).toThrow("prune: disabled keeps it");
    expect(actionFor(manifest(annotated("force", "enabled")), rejected)).toMatchObject({ type: "recreate" });
  });

  test("is refused together with all that are wrong, and when it is there twice", () => {
    const twice = inputOf(
      [settings, settings, manifest(object("ConfigMap", "bad"))],
      [["shop_bad__ConfigMap", { live: undefined, rejection: new Failure("ObjectInvalid", { message: "is wrong" }) }]],
    );
    expect(() => makePlan(twice)).toThrow(
      expect.objectContaining({
        problems: expect.arrayContaining([
          expect.objectContaining({ object: "ConfigMap/shop/settings" }),
          expect.objectContaining({ file: "bad.yaml", message: "is wrong" }),
        ]),
      }),
    );
  });
});

test("what was encrypted in the repository is masked, whatever its kind", () => {
  const wanted = manifest(object("ConfigMap", "settings", { colour: "hidden-new" }), true);
  const action = actionFor(wanted, { live: owned(object("ConfigMap", "settings", { colour: "hidden-old" })) });
  expect(action?.type).toBe("update");
  expect(JSON.stringify(action)).not.toContain("hidden");
});
