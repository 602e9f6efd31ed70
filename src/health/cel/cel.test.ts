import { expect, test } from "vitest";
import { alone, now, object } from "../../../test/health/objects.ts";
import type { Json } from "../../model/json/json.ts";
import { assess, compileHealthExprs } from "../index.ts";
import { CelError, celObject, compileCel } from "./cel.ts";

const evaluated = (text: string, fields = {}): unknown => compileCel(text).evaluate(celObject(fields));
const numbers = `[${Array.from({ length: 200 }, (_, index) => index).join(",")}]`;
const conditions = Array.from({ length: 1000 }, (_, index) => ({ type: `Type${index}`, status: "True" }));
const json = `{"a":[${Array(20_000).fill("{}").join(",")}]}`;
const copy = Buffer.alloc(500_000, "a").toString();
const long = { copy, json, text: "a".repeat(500_000), other: `b${"a".repeat(200_000)}`, conditions };

// By hand, from the language definition (github.com/google/cel-spec).
test.each([
  ["'Available'.matches('^A.*e$')", true],
  ["'available'.matches('(?i)^A')", true],
  ["'aaab'.matches('(a+)+$')", false],
  ["conditions.filter(c, c.type.matches('Type1[0-9]{2}$')).size() == 100", true],
  ["conditions.exists(c, c.type == 'Type999') && !conditions.exists(c, c.status == 'False')", true],
  ["text.startsWith('aa') && text.endsWith('a') && text.size() == 500000", true],
  ["conditions.map(c, c.type).join(',').contains('Type7,')", true],
  ["timestamp('2026-01-01T00:00:00Z') + duration('1h30m') > timestamp('2026-01-01T01:00:00Z')", true],
])("%s is %s", (text, value) => {
  expect(evaluated(text, long)).toBe(value);
});

const costly: readonly string[] = [
  `${numbers}.map(a, ${numbers}.map(b, ${numbers}.map(c, a * b * c))).size() > 0`,
  `${numbers}.all(a, ${numbers}.all(b, ${numbers}.all(c, a + b + c >= 0)))`,
  "conditions.all(a, conditions.all(b, has(a.type) && has(b.type)))",
  "conditions.exists(a, conditions.exists(b, a.nope || b.nope))",
  "conditions.map(c, text).join('').size() > 0",
  "cel.bind(s, text + text + text + text, cel.bind(t, s + s + s + s, cel.bind(u, t + t + t + t, u.size() > 0)))",
  "cel.bind(x, [1,2,3,4,5,6,7,8,9,10], cel.bind(y, x.map(i, x), cel.bind(z, y.map(i, y), cel.bind(w, z.map(i, z), cel.bind(v, w.map(i, w), v == v.map(i, i))))))",
  "text.contains(other)",
  "text.split(other).size() > 1",
  "text.split('').size() > 1 && text.split('').size() > 1",
  "conditions.all(c, text == copy)",
  "conditions.all(c, !(text != copy))",
  "conditions.all(c, !(text in conditions[0]))",
  "conditions.all(c, text in [other, copy])",
  "conditions.all(c, !c[?text].hasValue())",
  "conditions.all(c, !(c[text] == 1) || true)",
  "conditions.all(c, {text: 1}.size() == 1)",
  "conditions.all(c, {'a': {text: 1}} == {'a': {copy: 1}})",
  "conditions.all(c, bytes(text) == bytes(copy))",
  "conditions.map(c, c.type).join(text).size() > 0",
  "conditions.all(c, bytes(json).json().size() > 0)",
  "text.matches('^(a|b)*a(a|b){300}c')",
  "conditions.all(c, timestamp('2026-01-01T00:00:00Z').getHours('Europe/Berlin') > 0)",
];

test.each(costly)("%s is too costly, and is not tried again", (text) => {
  const expression = compileCel(text);
  const evaluate = () => expression.evaluate(celObject(long));
  expect(evaluate).toThrow("takes more than 50000 steps");
  expect(() => expression.evaluate(celObject({}))).toThrow("takes more than 50000 steps");
});

test("an expression may be true for a hundred objects, one after the other", () => {
  const expression = compileCel("conditions.exists(c, c.type == 'Type999')");
  for (let index = 0; index < 100; index++) expect(expression.evaluate(celObject(long))).toBe(true);
});

test.each([
  ["brackets", `${"(".repeat(300)}true${")".repeat(300)}`, /Exceeded maxDepth/],
  ["a long text", `true${" || true".repeat(2000)}`, /is longer than 10000 characters/],
  ["signs", `${"!".repeat(9_000)}true`, /Exceeded max|too deeply/],
])("too much of %s does not compile", (_, text, message) => {
  expect(() => compileCel(text)).toThrow(CelError);
  expect(() => compileCel(text)).toThrow(message);
});

test("a text that is no duration or number is not read for minutes", () => {
  expect(() => evaluated("duration(text) > duration('1s')", { text: "1".repeat(100_000) })).toThrow(
    "cannot parse a string",
  );
  expect(() => evaluated("double(text) > 1.0", { text: "1".repeat(100_000) })).toThrow("cannot parse a string");
});

test("names that every object has are names like others", () => {
  const labels = JSON.parse('{"constructor":"a","__proto__":"b","toString":"c","hasOwnProperty":"d"}');
  const fields = { metadata: { labels } };
  expect(evaluated("metadata.labels.constructor == 'a' && metadata.labels['__proto__'] == 'b'", fields)).toBe(true);
  expect(evaluated("'toString' in metadata.labels && metadata.labels.size() == 4", fields)).toBe(true);
  expect(evaluated("'valueOf' in metadata.labels || has(metadata.labels.valueOf)", fields)).toBe(false);
  expect(() => evaluated("constructor == 1", {})).toThrow("Unknown variable: constructor");
});

test("what an environment says of a rule that is too costly names the rule", () => {
  const shop = { apiVersion: "shop.test/v1", kind: "Shop" };
  const rules = compileHealthExprs([{ ...shop, failed: costly[1] ?? "", current: "true" }]);
  const verdict = assess(alone(object("shop.test/v1", "Shop", { status: {} })), now, rules);
  expect(verdict).toMatchObject({
    state: "inProgress",
    cause: {
      reason: "HealthExprError",
      message: expect.stringMatching(/^spec\.healthCheckExprs\[0\]\.failed: takes more/),
    },
  });
});

const nested =
  "cel.bind(a, [1,2,3,4,5,6,7,8,9,10], cel.bind(b, a.map(i, a), cel.bind(c, b.map(i, b), cel.bind(d, c.map(i, c), ";

test.each(["{d: 1}.size() > 0", "labels[d] == 1", "labels[?d].hasValue()", "d in labels", "{'a': 1}[dyn(d)] == 1"])(
  "no list is made a text to look it up: %s",
  (text) => {
    expect(() => evaluated(`${nested}${text}))))`, { labels: { a: 1 } })).toThrow("cannot be the key of a map");
  },
);

test("what is looked up by short keys costs next to nothing", () => {
  const text = "conditions.all(c, c['type'] != '' && 'type' in c && {'a': c.type, 'b': 1}['b'] == 1)";
  expect(evaluated(text, long)).toBe(true);
});

test("an object that is nested deeply, or is very large, is not asked about", () => {
  const deep = (levels: number): Json => (levels === 0 ? 1 : { a: [deep(levels - 1)] });
  const shop = { apiVersion: "shop.test/v1", kind: "Shop" };
  const rules = compileHealthExprs([{ ...shop, current: "true" }]);
  const told = (status: Json) => assess(alone(object("shop.test/v1", "Shop", { status })), now, rules);
  expect(told(deep(20))).toMatchObject({ state: "current" });
  expect(told(deep(200))).toMatchObject({
    cause: { reason: "HealthExprError", message: "current: the object is nested more than 100 deep" },
  });
  expect(told(Array(200_000).fill(1))).toMatchObject({
    cause: { message: "current: the object holds more than 100000 values" },
  });
});
