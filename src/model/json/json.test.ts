import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, parseJson, writeJson } from "./json.ts";

describe("integers that a number cannot hold", () => {
  test.each([
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "123456789012345678901234567890",
  ])("%s is read and written digit for digit", (digits) => {
    expect(parseJson(`{"a":[${digits}],"b":{"c": ${digits}}}`)).toEqual({
      a: [BigInt(digits)],
      b: { c: BigInt(digits) },
    });
    expect(writeJson({ a: [BigInt(digits)] })).toBe(`{"a":[${digits}]}`);
    expect(canonicalJson({ b: BigInt(digits), a: 1 })).toBe(`{"a":1,"b":${digits}}`);
    expect(writeJson(structuredClone({ a: BigInt(digits) }))).toBe(`{"a":${digits}}`);
  });

  test("alone and after white space as well", () => {
    expect(parseJson("9007199254740993")).toBe(9007199254740993n);
    expect(parseJson("[\n  9007199254740993\n]")).toEqual([9007199254740993n]);
  });
});

test.each(["9007199254740991", "-9007199254740991", "0", "-0", "1.5", "1e21", "12345678901234567.5", "1e400"])(
  "%s is the number that JSON.parse reads",
  (text) => {
    expect(parseJson(`[${text}]`)).toEqual(JSON.parse(`[${text}]`));
  },
);

test("a text with digits is a text", () => {
  const text = '{"a":"9007199254740993",":9007199254740993":"1"}';
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

const large = "9007199254740993";

test.each([
  [`{"a":${large},"a":1}`, { a: 1 }],
  [`{"a":1,"a":${large}}`, { a: 9007199254740993n }],
  [`{"a":${large},"a":9007199254740992.0}`, { a: 9007199254740992 }],
  [`{"ab":${large},"\\u0061b":2}`, { ab: 2 }],
  [`{"a":{"b":${large}},"a":{"b":3}}`, { a: { b: 3 } }],
  [`{"a":{"b":[${large}]},"a":4}`, { a: 4 }],
  [`{"a":{"b":1},"a":{"b":[0,${large}]}}`, { a: { b: [0, 9007199254740993n] } }],
])("the last of several members of one name counts: %s", (text, expected) => {
  expect(parseJson(text)).toEqual(expected);
});

test("names and strings may hold anything", () => {
  const text = `{"\\"}":[{},"]\\\\",{"\\u005cb":${large}}],"":{"constructor":${large}},"__proto__":{"n":${large}}}`;
  const read = parseJson(text);
  expect(writeJson(read)).toBe(text.replace("\\u005c", "\\\\"));
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test("a large integer is found at whatever depth", () => {
  const depth = 100_000;
  let inner = parseJson(`${"[".repeat(depth)}${large}${"]".repeat(depth)}`);
  while (Array.isArray(inner)) [inner] = inner;
  expect(inner).toBe(9007199254740993n);
});

test("an integer that no program writes is refused rather than worked out", () => {
  expect(() => parseJson(`[${"9".repeat(20_000)}]`)).toThrow(SyntaxError);
});

test("one large integer does not make a text dear", () => {
  const values = Array(400_000).fill("1").join(",");
  const cost = (text: string) => {
    const before = process.cpuUsage();
    parseJson(text);
    return process.cpuUsage(before).user;
  };
  const cheapest = (text: string) => Math.min(...Array.from({ length: 5 }, () => cost(text)));
  const plain = Math.max(cheapest(`[1,${values}]`), 2_000);
  expect(cheapest(`[${large},${values}]`)).toBeLessThan(20 * plain);
});

test("whatever is written is read back", () => {
  const value = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.string(),
      fc.integer(),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
      fc.array(tie("json")),
      fc.dictionary(fc.string(), tie("json")),
    ),
  })).json;
  fc.assert(
    fc.property(value, (json) => {
      expect(parseJson(writeJson(json))).toEqual(json);
    }),
  );
});
