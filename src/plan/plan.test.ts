import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { another, inputOf, keyOf, manifest, object, owned, owner } from "../../test/plan/planned-objects.ts";
import type { Json } from "../model/json/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { changes, makePlan } from "./plan.ts";
import type { Observed, PlanInput } from "./plan-input.ts";

describe("the deletion guard", () => {
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
