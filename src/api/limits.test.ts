import { describe, expect, it, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { isObject } from "../model/json/json.ts";
import { readEnvironment } from "./environment/environment.ts";
import { EnvironmentSpec } from "./environment/environment-spec.ts";
import { beyondLimits } from "./limits.ts";
import { PromotionSpec } from "./promotion/promotion-spec.ts";

const many = <T>(count: number, item: T): readonly T[] => Array.from({ length: count }, () => item);

/** What of JSON Schema the walks below, and the one in limits.ts, do not look into. */
const unknownHere = ["anyOf", "allOf", "oneOf", "not", "if", "prefixItems", "additionalItems", "contains"] as const;

/** The lists, texts and maps of a schema that have no limit, by their fields; and what nobody would look into. */
function limitless(schema: unknown, field: string): readonly string[] {
  if (!isObject(schema)) return [];
  const inside = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const own = [
    ...(schema.type === "string" && schema.enum === undefined && schema.maxLength === undefined ? [field] : []),
    ...(schema.type === "array" && schema.maxItems === undefined ? [field] : []),
    ...(schema.type === "object" && !isObject(schema.properties) && !isObject(schema.patternProperties) ? [field] : []),
    ...(isObject(schema.patternProperties) && schema.maxProperties === undefined ? [field] : []),
    ...(isObject(schema.patternProperties) && schema.propertyNames === undefined ? [`${field} keys`] : []),
    ...unknownHere.filter((word) => word in schema).map((word) => `${field} ${word}`),
    ...(isObject(schema.additionalProperties) ? [`${field} additionalProperties`] : []),
  ];
  const values = isObject(schema.patternProperties) ? Object.values(schema.patternProperties) : [];
  return [
    ...own,
    ...inside.flatMap(([name, member]) => limitless(member, `${field}.${name}`)),
    ...limitless(schema.items, `${field}[]`),
    ...values.flatMap((value) => limitless(value, `${field}.*`)),
  ];
}

/** A value for each limit of a schema that is one more than it, and nothing else; with the field to be named. */
function* overfull(schema: unknown, field: string): Generator<readonly [field: string, value: unknown]> {
  if (!isObject(schema)) return;
  const { properties, patternProperties, propertyNames, items, maxLength, maxItems, maxProperties } = schema;
  if (typeof maxLength === "number") yield [field, "x".repeat(maxLength + 1)];
  if (typeof maxItems === "number") yield [field, many(maxItems + 1, undefined)];
  for (const [name, member] of Object.entries(isObject(properties) ? properties : {}))
    for (const [below, value] of overfull(member, `${field}.${name}`)) yield [below, { [name]: value }];
  for (const [below, value] of overfull(items, `${field}[1]`)) yield [below, [undefined, value]];
  if (!isObject(patternProperties)) return;
  if (typeof maxProperties === "number")
    yield [field, Object.fromEntries(many(maxProperties + 1, "").map((_, n) => [`k${n}`, ""]))];
  if (isObject(propertyNames)) yield [`${field}, the key ${"x".repeat(40)}…`, { ["x".repeat(1_000)]: "" }];
  for (const inside of Object.values(patternProperties))
    for (const [below, value] of overfull(inside, `${field}.key`)) yield [below, { key: value }];
}

test.each([
  ["Environment", EnvironmentSpec],
  ["Promotion", PromotionSpec],
])("every list, text and map of the spec of a %s has a limit", (_kind, schema) => {
  expect(limitless(schema, "spec")).toEqual([]);
});

test.each([
  ["Environment", EnvironmentSpec],
  ["Promotion", PromotionSpec],
])("the agent itself holds the spec of a %s to every limit of its schema", (_kind, schema) => {
  const all = [...overfull(schema, "spec")];
  expect(all.length).toBeGreaterThan(5);
  for (const [field, value] of all) {
    expect(beyondLimits(schema, value, "spec").map((problem) => problem.field)).toEqual([field]);
  }
});

test("a schema without limits is found out", () => {
  const schema = {
    type: "object",
    properties: {
      text: { type: "string" },
      list: { type: "array", maxItems: 1, items: { type: "string" } },
      map: { type: "object", patternProperties: { "^.*$": { type: "string", maxLength: 1 } } },
      either: { anyOf: [{ type: "string" }, { type: "integer" }] },
      anything: { type: "object" },
    },
  };
  expect(limitless(schema, "spec")).toEqual([
    ...["spec.text", "spec.list[]", "spec.map", "spec.map keys", "spec.either anyOf", "spec.anything"],
  ]);
});

const source = { url: "https://git.example.com/acme/environment.git" };
const metadata = { name: "production", namespace: "shop" };

/** What reading an Environment with this in its spec comes to. */
function refused(spec: object) {
  try {
    readEnvironment({ metadata, spec: { source, ...spec } });
  } catch (thrown) {
    return thrown instanceof Failure ? { code: thrown.code, problems: thrown.problems } : thrown;
  }
  return "read";
}

describe("an Environment that the CRD of before let in", () => {
  it.each<[string, object, string, string]>([
    [
      "patches",
      { patches: many(101, { patch: "a: 1" }) },
      "spec.patches",
      "must not have more than 100 items, and has 101",
    ],
    [
      "a schedule",
      { schedule: many(2_000, { allow: "0 8 * * *", duration: "1h" }) },
      "spec.schedule",
      "must not have more than 50 items, and has 2000",
    ],
    [
      "the paths of a rule",
      { ignore: [{ paths: ["/a"] }, { paths: many(2_000, "/spec/replicas") }] },
      "spec.ignore[1].paths",
      "must not have more than 100 items, and has 2000",
    ],
    [
      "a pattern",
      { ignore: [{ target: { labelSelector: many(300, "a=b").join(",") }, paths: ["/a"] }] },
      "spec.ignore[0].target.labelSelector",
      "must not have more than 512 characters",
    ],
    [
      "variables",
      { postBuild: { substitute: Object.fromEntries(many(1001, "").map((_, n) => [`V${n}`, ""])) } },
      "spec.postBuild.substitute",
      "must not have more than 1000 entries, and has 1001",
    ],
    [
      "the name of a variable",
      { postBuild: { substitute: { ["V".repeat(318)]: "" } } },
      `spec.postBuild.substitute, the key ${"V".repeat(40)}…`,
      "must not have more than 317 characters",
    ],
    [
      "the whole",
      { patches: many(10, { patch: "a".repeat(200_000) }) },
      "spec",
      "must not have more than 1048576 characters in all",
    ],
  ])("is refused for %s", (_what, spec, field, message) => {
    expect(refused(spec)).toEqual({
      code: "SpecInvalid",
      problems: [{ object: "Environment/shop/production", field, message }],
    });
  });

  it("is told ten times what is too long, and no more", () => {
    const long = { name: "x".repeat(254) };
    expect(refused({ dependsOn: many(100, long) })).toMatchObject({ problems: { length: 10 } });
  });

  it("passes with all that the limits have room for", () => {
    const spec = {
      patches: many(100, { patch: "a".repeat(10_000) }),
      schedule: many(50, { allow: "0 8 * * *", duration: "1h" }),
      ignore: many(100, { paths: many(100, "/a") }),
      dependsOn: many(100, { name: "x".repeat(253) }),
    };
    expect(refused(spec)).toBe("read");
  });
});

describe("characters", () => {
  const schema = { type: "string", maxLength: 4 };

  it.each<[string, string, number]>([
    ["ASCII", "abcd", 0],
    ["one more", "abcde", 1],
    ["of two code units each", "😀😀😀😀", 0],
    ["of two code units, one more", "😀😀😀😀😀", 1],
    // One grapheme, and a text of any length.
    ["combining marks", `e${"\u0301".repeat(1_000)}`, 1],
  ])("are counted as the API server counts them: %s", (_what, text, problems) => {
    expect(beyondLimits(schema, text, "spec.text")).toHaveLength(problems);
  });
});
