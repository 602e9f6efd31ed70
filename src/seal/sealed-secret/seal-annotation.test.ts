import { describe, expect, test } from "vitest";
import { digestOf, formatSealAnnotation, readSealAnnotation, recordedItem, sameBeginning } from "./seal-annotation.ts";

// printf AgAB | sha256sum
const short = "AgAB";
const digest = "e4786ed8e4786ed8841d81fc604ac2ca";

test("a digest is 8 digits over the beginning and 24 over all of it, whatever the line breaks", () => {
  expect(digestOf(short)).toBe(digest);
  expect(digestOf("Ag\nAB\r\n ")).toBe(digestOf(short));
  expect(digestOf("AgAC")).not.toBe(digestOf(short));
});

const long = `AgB${"x".repeat(400)}`;

describe("what is left of a value keeps its beginning", () => {
  const item = { key: "k", label: "l", digest: digestOf(long) };
  test.each([
    ["the same", long, true],
    ["cut off", long.slice(0, 100), true],
    ["cut off at the beginning's end", long.slice(0, 64), true],
    ["cut off within the beginning", long.slice(0, 63), false],
    ["altered at the end", `${long.slice(0, -1)}y`, true],
    ["altered at the beginning", `B${long.slice(1)}`, false],
    ["another value", short, false],
    ["nothing", "", false],
  ])("%s", (_what, value, same) => {
    expect(sameBeginning(value, item)).toBe(same);
  });
});

describe("the annotation's text", () => {
  test("has the first item's key and label for all, and the others' own beside their digest", () => {
    const items = {
      b: { key: "K1", label: "shop/db", digest: "2" },
      a: { key: "K1", label: "shop/db", digest: "1" },
      c: { key: "K2", label: "shop/db", digest: "3" },
      d: { key: "K2", label: "", digest: "4" },
    };
    const text = formatSealAnnotation({ items });
    expect(text).toBe(
      '{"v":1,"key":"K1","label":"shop/db","items":{"a":"1","b":"2","c":{"digest":"3","key":"K2"},"d":{"digest":"4","key":"K2","label":""}}}',
    );
    expect(readSealAnnotation(text)).toEqual({ items });
  });

  test("of no items", () => {
    expect(formatSealAnnotation({ items: {} })).toBe('{"v":1,"key":"","label":"","items":{}}');
  });
});

describe("text that is no annotation tells nothing", () => {
  test.each([
    undefined,
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "{}",
    '{"v":2,"key":"k","label":"l","items":{}}',
    '{"v":"1","items":{}}',
    '{"v":1}',
    '{"v":1,"items":[]}',
    '{"v":1,"items":null}',
  ])("%j", (text) => {
    expect(readSealAnnotation(text)).toBeUndefined();
  });

  test("and an item without key, label or digest is left out", () => {
    const text = JSON.stringify({
      v: 1,
      key: "k",
      items: { a: "1", b: { digest: "2", label: "l" }, c: { label: "l" }, d: 5, e: null, f: { digest: 5, label: "l" } },
    });
    expect(readSealAnnotation(text)).toEqual({ items: { b: { key: "k", label: "l", digest: "2" } } });
  });

  test("nor does one whose key and label are longer than any can be, for they are quoted in messages", () => {
    const annotation = (length: number) =>
      readSealAnnotation(JSON.stringify({ v: 1, key: "k".repeat(length), label: "", items: { a: "1" } }));
    expect(Object.keys(annotation(600)?.items ?? {})).toEqual(["a"]);
    expect(annotation(601)).toEqual({ items: {} });
  });

  test("and a name that objects have is a name like any other", () => {
    const read = readSealAnnotation('{"v":1,"key":"k","label":"l","items":{"__proto__":"1","constructor":"2"}}');
    expect(Object.keys(read?.items ?? {})).toEqual(["__proto__", "constructor"]);
  });
});

test("a value is found by its digest, whatever item it stands at; of two the first counts", () => {
  const item = { key: "k", label: "l", digest: digestOf(long) };
  const annotation = { items: { one: item, two: item } };
  expect(recordedItem(annotation, long)).toEqual({ name: "one", item });
  expect(recordedItem(annotation, `${long}\n`)).toEqual({ name: "one", item });
  expect(recordedItem(annotation, short)).toBeUndefined();
  expect(recordedItem(undefined, long)).toBeUndefined();
});
