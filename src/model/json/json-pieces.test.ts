import fc from "fast-check";
import { expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/properties/property-runs.ts";
import { parseJson, writeJson } from "./json.ts";
import { readInPieces } from "./json-pieces.ts";

/** What it reads, how many steps that took, and how many values it said it would make in the largest one. */
function read(text: string) {
  let steps = 0;
  let values = 0;
  let most = 0;
  const reading = readInPieces(text, (count) => {
    values += count;
    most = Math.max(most, count);
  });
  for (;;) {
    const step = reading.next();
    steps += 1;
    if (step.done === true) return { value: step.value, steps, values, most };
  }
}

const many = Array.from({ length: 10_000 }, (_, index) => index);

test.each([
  ["a long list", many.map((index) => ({ index }))],
  ["an object with many members", Object.fromEntries(many.map((index) => [`k${index}`, [index]]))],
  ["long lists within each other", [[many, "]", many], { "a{": many, b: { c: [many, 1] } }, []]],
  ["large integers", many.map((index) => [9007199254740993n, index])],
])("%s is read in pieces, as in one", (_, value) => {
  const text = writeJson(value);
  const found = read(text);
  expect(found.value).toEqual(value);
  expect(writeJson(found.value)).toBe(text);
  expect(found.steps).toBeGreaterThan(3);
  expect(found.most).toBeLessThan(5_000);
  expect(found.values).toBeGreaterThanOrEqual(10_000);
});

test("the last of several members of one name counts, and every name is a name", () => {
  const list = writeJson(many);
  const text = `{"a":${list},"__proto__":${list},"a":1,${many.map((index) => `"k${index}":0`)},"__proto__":2,"k5":${list}}`;
  expect(writeJson(read(text).value)).toBe(writeJson(JSON.parse(text)));
});

test("white space, and nothing but a scalar", () => {
  expect(read(` [ ${many.map((index) => `\n{ "a" : ${index} }\t`)} ] `).value).toEqual(many.map((a) => ({ a })));
  expect(read(' "text" ').value).toBe("text");
  expect(read("[ ]").value).toEqual([]);
});

const filled = writeJson(many);

test.each([
  `[${filled},]`,
  `[${filled}`,
  `[${filled}}`,
  `[${filled}${filled}]`,
  `[${filled} 1]`,
  `${filled}${filled}`,
  `${filled},`,
  `{${filled}}`,
  `{"a":1 ${filled}}`,
  `{"a":${filled},}`,
  `{"a":${filled},,"b":1}`,
  `[,${filled}]`,
  `${filled}]`,
  `["${filled}`,
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  "",
])("what is no JSON is refused, however long what is right in it: %#", (text) => {
  expect(() => read(text)).toThrow(SyntaxError);
});

test("whoever counts may stop it before it is made", () => {
  const stop = new Error("enough");
  let left = 20_000;
  const reading = readInPieces(`[${Array(1_000_000).fill("{}")}]`, (count) => {
    left -= count;
    if (left < 0) throw stop;
  });
  const drain = () => {
    while (reading.next().done !== true);
  };
  expect(drain).toThrow(stop);
  expect(left).toBeGreaterThan(-5_000);
});

test("it reads what JSON.parse reads, and refuses what that refuses", () => {
  const part = fc.constantFrom("[", "]", "{", "}", ",", ":", '"a"', '"b c"', "1", "null", filled, `{"a":${filled}}`);
  const value = (text: string, by: (text: string) => unknown) => {
    try {
      return writeJson(by(text));
    } catch (thrown) {
      return thrown instanceof SyntaxError ? "refused" : thrown;
    }
  };
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
      const text = parts.join("");
      expect(value(text, (each) => read(each).value)).toEqual(value(text, parseJson));
    }),
    { numRuns: propertyRuns(100) },
  );
});
