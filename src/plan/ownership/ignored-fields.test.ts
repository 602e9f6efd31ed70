import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { fieldTree, withoutIgnoredFields } from "./ignored-fields.ts";

const settings = (data: JsonObject, owned: readonly string[] = []): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: "settings",
    managedFields: [
      {
        manager: "mooring",
        operation: "Apply",
        fieldsV1: { "f:data": Object.fromEntries(owned.map((key) => [`f:${key}`, {}])) },
      },
    ],
  },
  data,
});
const numbered = (count: number, value: (n: number) => string): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${n}`, value(n)]));

/** How often members of a value are listed while something is done with it. */
function counted(value: JsonObject): { readonly value: JsonObject; readonly count: () => number } {
  let count = 0;
  const ownKeys = (target: object) => {
    count += 1;
    return Reflect.ownKeys(target);
  };
  return { value: new Proxy<JsonObject>(value, { ownKeys }), count: () => count };
}

describe("a thousand paths", () => {
  const paths = Array.from({ length: 1_000 }, (_, n) => `/data/key${n * 2}`);

  test("are left one by one: to their owners, or as they are", () => {
    const owned = Array.from({ length: 250 }, (_, n) => `key${n * 4}`);
    const desired = settings(numbered(2_000, () => "git"));
    const live = settings(
      numbered(2_000, (n) => `live ${n}`),
      owned,
    );
    // By hand: odd keys are Git's, keys of four that Mooring owns are the cluster's, the others are gone.
    const expected = Object.entries(numbered(2_000, (n) => (n % 2 === 1 ? "git" : `live ${n}`))).filter(
      ([, value], n) => value === "git" || (n % 4 === 0 && n < 1_000),
    );
    expect(withoutIgnoredFields(desired, live, [fieldTree(paths)]).data).toEqual(Object.fromEntries(expected));
  });

  test.each([10, 1_000])("go through an object once, be they %i", (count) => {
    const data = counted(numbered(2_000, () => "git"));
    const desired = { ...settings({}), data: data.value };
    withoutIgnoredFields(desired, settings({}), [fieldTree(paths.slice(0, count))]);
    expect(data.count()).toBe(1);
  });
});

describe("leaveToOthers", () => {
  const list: KubeObject = { ...settings({}), spec: { items: ["a", "b", "c"] } };

  test("counts the items of a list as the repository has them", () => {
    const left = withoutIgnoredFields(list, settings({}), [fieldTree(["/spec/items/0", "/spec/items/1"])]);
    expect(left.spec).toEqual({ items: ["c"] });
  });

  test("joins the paths of several rules", () => {
    const trees = [fieldTree(["/data/a"]), fieldTree(["/data/b", "/data/gone"])];
    expect(withoutIgnoredFields(settings({ a: "1", b: "2", c: "3" }), settings({}), trees).data).toEqual({ c: "3" });
  });

  test("leaves what is inside of a field that follows the live one", () => {
    const live = settings({ a: "live", b: "live" }, ["a"]);
    const left = withoutIgnoredFields(settings({ a: "git" }), live, [fieldTree(["/data", "/data/b"])]);
    expect(left.data).toEqual({ a: "live" });
  });

  test.each(["/apiVersion", "/kind", "/metadata", "/metadata/name"])("never takes away %s", (path) => {
    const left = withoutIgnoredFields(settings({ a: "1" }), settings({}), [fieldTree([path])]);
    expect(left).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } });
  });

  test("takes a path for a name, whatever it says", () => {
    const trees = [fieldTree(["/__proto__/polluted", "/constructor", "/data/toString"])];
    expect(withoutIgnoredFields(settings({ a: "1" }), settings({}), trees)).toEqual(settings({ a: "1" }));
  });
});
