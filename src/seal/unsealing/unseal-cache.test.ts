import { expect, test } from "vitest";
import { contentId, UnsealCache } from "./unseal-cache.ts";

const keys = [{ id: "k", privateKeyPem: "" }];
const value = (length: number) => ({ keyId: "k", value: Buffer.alloc(length) });

test("keeps as much, however often it was filled, and forgets the longest unused", () => {
  const cache = new UnsealCache(10_000);
  for (let n = 0; n < 5_000; n++) cache.keep(`old${n}`, value(100));
  for (let n = 0; n < 5; n++) cache.keep("again", value(1_000));
  for (let n = 0; n < 17; n++) cache.keep(`new${n}`, value(100));
  expect(cache.find("again", keys)).toBeDefined();
  cache.keep("last", value(100));
  const kept = Array.from({ length: 17 }, (_, n) => cache.find(`new${n}`, keys) !== undefined);
  expect(kept).toEqual([false, ...Array.from({ length: 16 }, () => true)]);
  expect(cache.find("again", keys)).toBeDefined();
  expect(cache.find("old4999", keys)).toBeUndefined();
});

test("counts what holds a value, so that empty ones are no way past the limit", () => {
  const cache = new UnsealCache(10_000);
  for (let n = 0; n < 1_000; n++) cache.keep(`${n}`, value(0));
  expect(Array.from({ length: 1_000 }, (_, n) => cache.find(`${n}`, keys)).filter(Boolean)).toHaveLength(25);
});

test("takes what was opened for one place for no answer to another", () => {
  const cache = new UnsealCache();
  cache.keep(contentId("rsa", "a/db", "AQ=="), value(1));
  for (const id of [
    contentId("rsa", "a", "AQ=="),
    contentId("x25519", "a/db", "AQ=="),
    contentId("rsa", "b/db", "AQ=="),
  ])
    expect(cache.find(id, keys)).toBeUndefined();
  expect(cache.find(contentId("rsa", "a/db", "AQ=="), keys)).toBeDefined();
});
