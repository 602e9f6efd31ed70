import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { itemKeys, writtenItems } from "./item-keys.ts";
import { otherManagers } from "./managed-fields.ts";
import { takeOver } from "./take-over.ts";

describe("itemKeys", () => {
  test.each<readonly [string, readonly string[], Json, readonly string[]]>([
    ["a field", ['k:{"name":"a"}', 'k:{"name":"b"}'], { name: "b", value: "x" }, ['k:{"name":"b"}']],
    [
      "two fields",
      ['k:{"port":80,"protocol":"TCP"}'],
      { protocol: "TCP", port: 80 },
      ['k:{"port":80,"protocol":"TCP"}'],
    ],
    ["one of two fields", ['k:{"port":80,"protocol":"TCP"}'], { port: 80 }, []],
    ["a number that is a text", ['k:{"port":80}'], { port: "80" }, []],
    ["a large number", ['k:{"id":9007199254740993}'], { id: 9007199254740993n }, ['k:{"id":9007199254740993}']],
    ["a value", ['v:"a"', "v:1"], 1, ["v:1"]],
    ["a value that is an object", ['v:{"a":1}'], { a: 1 }, ['v:{"a":1}']],
    ["a place", ["i:0", "i:1"], "x", ["i:1"]],
    [
      "several, in the order of the set",
      ["i:1", 'k:{"b":1}', 'v:{"a":1,"b":1}', 'k:{"a":1}'],
      { a: 1, b: 1 },
      ["i:1", 'k:{"b":1}', 'v:{"a":1,"b":1}', 'k:{"a":1}'],
    ],
    ["a field that all objects inherit", ['k:{"toString":1}', 'k:{"__proto__":null}'], { a: 1 }, []],
    ["what is no JSON", ["k:{", "k:[]", "k:1", "f:a", "."], { a: 1 }, []],
  ])("names an item by %s", (_what, keys, item, expected) => {
    expect(itemKeys(keys).naming(item, 1)).toEqual(expected);
  });
});

describe("writtenItems", () => {
  test.each<readonly [string, readonly Json[], string, Json | undefined]>([
    [
      "all fields",
      [
        { port: 80, protocol: "UDP" },
        { port: 80, protocol: "TCP" },
      ],
      'k:{"port":80,"protocol":"TCP"}',
      { port: 80, protocol: "TCP" },
    ],
    ["a field left to its default", [{ port: 81 }, { port: 80 }], 'k:{"port":80,"protocol":"TCP"}', { port: 80 }],
    [
      "the first of several",
      [{ protocol: "TCP" }, { port: 80 }],
      'k:{"port":80,"protocol":"TCP"}',
      { protocol: "TCP" },
    ],
    ["none", [{ port: 81 }, "x", 80], 'k:{"port":80}', undefined],
    ["a value", ["b", "a"], 'v:"a"', "a"],
    ["no place", ["a"], "i:0", undefined],
  ])("finds an item by %s", (_what, list, key, expected) => {
    expect(writtenItems(list).meantBy(key)).toEqual(expected);
  });
});

const variables = (count: number): readonly JsonObject[] =>
  Array.from({ length: count }, (_, n) => ({ name: `V${n}`, value: `${n}` }));

/** Variables as kubectl create made them, and the same with how often their fields are read. */
function deployment(count: number) {
  let reads = 0;
  const watched = (item: JsonObject): JsonObject =>
    new Proxy(item, {
      get: (target, name, self) => {
        reads += 1;
        return Reflect.get(target, name, self);
      },
    });
  const owned = Object.fromEntries(
    variables(count).map(({ name }) => [`k:{"name":"${name}"}`, { ".": {}, "f:name": {}, "f:value": {} }]),
  );
  const made = (env: readonly JsonObject[], managedFields: readonly JsonObject[]): KubeObject => ({
    apiVersion: "example.com/v1",
    kind: "Program",
    metadata: { name: "web", managedFields },
    spec: { env },
  });
  const entry = { manager: "kubectl-create", apiVersion: "example.com/v1", fieldsV1: { "f:spec": { "f:env": owned } } };
  const live = made(variables(count).map(watched), [entry]);
  return { live, made, reads: () => reads };
}

describe("a list of a thousand items", () => {
  test("is taken over but for what nobody wants", () => {
    const { live, made } = deployment(1_000);
    const kept = [...variables(1_000)].reverse().filter((_, n) => n % 10 !== 0);
    // Reversed, every tenth from the last: V999, V989, …, V9.
    const gone = Array.from({ length: 100 }, (_, n) => `/spec/env/${10 * n + 9}`);
    expect(takeOver(live, made(kept, []))?.stuck).toEqual(gone);
  });

  test("costs four times as much where it is four times as long", () => {
    const [short, long] = [deployment(500), deployment(2_000)];
    for (const { live, made } of [short, long]) {
      expect(takeOver(live, made([], []))?.stuck.length).toBeGreaterThan(0);
    }
    expect(long.reads()).toBeLessThan(8 * short.reads());
  });

  test("has its owners looked up one by one", () => {
    const { live, reads } = deployment(1_000);
    const owners = otherManagers(live);
    for (let n = 0; n < 1_000; n += 1) expect(owners.of(`/spec/env/${n}/value`)).toBe("kubectl-create");
    expect(owners.of("/spec/env/1000")).toBeUndefined();
    expect(reads()).toBeLessThan(10 * 1_000);
  });
});

test("the first of a thousand managers is found, each looked at once", () => {
  let reads = 0;
  const managedFields = Array.from({ length: 1_000 }, (_, n) => ({
    manager: `m${n}`,
    get fieldsV1() {
      reads += 1;
      return { "f:data": { [`f:${n % 500}`]: {} } };
    },
  }));
  const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", managedFields }, data: {} };
  const owners = otherManagers(live);
  for (let n = 0; n < 500; n += 1) expect(owners.of(`/data/${n}`)).toBe(`m${n}`);
  expect(owners.of("/data")).toBe("m0");
  expect(reads).toBeLessThan(3 * 1_000);
});
