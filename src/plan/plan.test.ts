import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { canonicalJson, type Json, type JsonObject } from "../model/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../model/object-id.ts";
import type { Action } from "../model/plan.ts";
import { withOwner } from "./owner.ts";
import { changes, makePlan, type Observed, type PlanInput } from "./plan.ts";
import { keptKinds } from "./removals.ts";

const owner = { name: "production", namespace: "mooring-system" };
const another = { name: "staging", namespace: "mooring-system" };

type Meta = { readonly annotations?: Readonly<Record<string, string>> };

function object(kind: string, name: string, data: JsonObject = {}, meta: Meta = {}): KubeObject {
  return {
    apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
    kind,
    metadata: { name, namespace: "shop", ...meta },
    data,
  };
}

function manifest(wanted: KubeObject, sensitive = false): Manifest {
  const { kind, apiVersion, metadata } = wanted;
  const id = { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? "", name: metadata.name };
  const digest = canonicalJson(wanted);
  return withOwner(
    { id, object: wanted, origin: { file: `${id.name}.yaml`, line: 1, chain: [] }, sensitive, digest },
    owner,
  );
}

const owned = (wanted: KubeObject, by = owner): KubeObject => withOwner({ ...manifest(wanted) }, by).object;
const keyOf = ({ id }: { readonly id: ObjectId }) => formatId(id);

function inputOf(manifests: readonly Manifest[], observed: readonly (readonly [string, Observed])[]): PlanInput {
  return {
    stages: [{ name: "", manifests }],
    observed: new Map(observed),
    inventory: { entries: [] },
    owner,
    prune: true,
    force: false,
    guard: undefined,
    approved: undefined,
  };
}

/** The plan of one object that is to be there. */
function actionFor(wanted: Manifest, seen: Observed, more: Partial<PlanInput> = {}): Action | undefined {
  return makePlan({ ...inputOf([wanted], [[keyOf(wanted), seen]]), ...more }).actions[0]?.action;
}

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
      { others: { wanted: new Map(), released: new Set(["shop_settings__ConfigMap"]) } },
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
      { goingBack: { found: new Set() } },
      { type: "skip", reason: "Environment mooring-system/staging has it now" },
    ],
    [
      "is adopted when nobody has it",
      settings,
      { live: object("ConfigMap", "settings", { colour: "green" }), applied: settings.object },
      { others: { wanted: new Map(), released: new Set() } },
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

describe("the brake", () => {
  const guard = { maxObjects: 10, maxPercent: 20, kinds: [] };
  const old = owned(object("ConfigMap", "old"));
  const input = { ...inputOf([], [["shop_old__ConfigMap", { live: old }]]), guard };
  const held = { ...input, inventory: { entries: [{ id: "shop_old__ConfigMap", v: "v1" }] } };

  test("holds, and lets go of exactly the plan that was approved", () => {
    const { hold, digest } = makePlan(held);
    expect(hold?.reason).toBe("nothing would be left: all 1 objects would be deleted");
    expect(makePlan({ ...held, approved: digest }).hold).toBeUndefined();
    expect(makePlan({ ...held, approved: "0".repeat(64) }).hold).toBeDefined();
  });
});

describe("whatever is planned", () => {
  const kinds = ["Namespace", "ServiceAccount", "ConfigMap", "Secret", "Deployment"];
  const names = ["a", "b", "c", "d"];
  const data = fc.dictionary(fc.constantFrom("k", "l", "m"), fc.string({ minLength: 16, maxLength: 24 }), {
    maxKeys: 3,
  });
  const any = fc.record({
    kind: fc.constantFrom(...kinds),
    name: fc.constantFrom(...names),
    desired: fc.option(data, { nil: undefined }),
    live: fc.option(data, { nil: undefined }),
    by: fc.constantFrom(undefined, owner, another),
  });
  const world = fc.uniqueArray(any, { selector: ({ kind, name }) => `${kind}/${name}`, maxLength: 20 });
  type Thing = (typeof any extends fc.Arbitrary<infer T> ? T : never) & object;

  const liveOf = ({ kind, name, live, by }: Thing): KubeObject | undefined => {
    if (live === undefined) return undefined;
    return by === undefined ? object(kind, name, live) : owned(object(kind, name, live), by);
  };
  function inputFor(things: readonly Thing[]): PlanInput {
    const wanted = things.filter(({ desired, by }) => desired !== undefined && by !== another);
    const manifests = wanted.map(({ kind, name, desired }) => manifest(object(kind, name, desired), kind === "Secret"));
    const observed = things.map((thing): readonly [string, Observed] => {
      const key = keyOf(manifest(object(thing.kind, thing.name)));
      return [key, { live: liveOf(thing), applied: manifests.find((each) => keyOf(each) === key)?.object }];
    });
    const entries = things.map(({ kind, name }) => ({ id: keyOf(manifest(object(kind, name))), v: "v1" }));
    return { ...inputOf(manifests, observed), inventory: { entries } };
  }

  test("nothing is deleted that does not carry the Environment's own labels", () => {
    fc.assert(
      fc.property(world, (things) => {
        const deleted = makePlan(inputFor(things)).actions.filter(({ action }) => action.type === "delete");
        for (const { id } of deleted) {
          const thing = things.find(({ kind, name }) => kind === id.kind && name === id.name);
          expect(thing?.by).toBe(owner);
        }
      }),
    );
  });

  test("deletes come after everything else, in the reverse order of applies", () => {
    fc.assert(
      fc.property(world, (things) => {
        const { actions } = makePlan(inputFor(things));
        const removals = actions.findIndex(({ origin }) => origin === undefined);
        const after = removals < 0 ? [] : actions.slice(removals);
        expect(after.every(({ action }) => action.type === "delete" || action.type === "orphan")).toBe(true);
        const order = after.map(({ id }) => kinds.indexOf(id.kind));
        expect(order).toEqual([...order].sort((a, b) => b - a));
      }),
    );
  });

  test("the digest depends on neither the order of objects nor that of keys", () => {
    const turned = (value: Json | undefined): Json =>
      Array.isArray(value) || typeof value !== "object" || value === null
        ? (value ?? null)
        : Object.fromEntries(
            Object.entries(value)
              .map(([key, each]) => [key, turned(each)] as const)
              .reverse(),
          );
    fc.assert(
      fc.property(world, (things) => {
        const upsideDown = things.toReversed().map((thing) => ({
          ...thing,
          desired: thing.desired && (turned(thing.desired) as Record<string, string>),
        }));
        expect(makePlan(inputFor(upsideDown)).digest).toBe(makePlan(inputFor(things)).digest);
      }),
    );
  });

  test("no plan holds a value of a Secret", () => {
    fc.assert(
      fc.property(world, (things) => {
        const text = JSON.stringify(makePlan(inputFor(things)));
        const values = things
          .filter(({ kind }) => kind === "Secret")
          .flatMap(({ desired, live }) => [...Object.values(desired ?? {}), ...Object.values(live ?? {})]);
        const elsewhere = JSON.stringify(things.filter(({ kind }) => kind !== "Secret"));
        for (const value of values.map((each) => JSON.stringify(each).slice(1, -1))) {
          if (!elsewhere.includes(value)) expect(text).not.toContain(value);
        }
      }),
    );
  });

  test("what is as wanted is not touched", () => {
    fc.assert(
      fc.property(world, (things) => {
        const settled = things.map((thing) => ({ ...thing, live: thing.desired, by: owner }));
        expect(changes(makePlan(inputFor(settled)))).toEqual([]);
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
