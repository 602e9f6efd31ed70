import { expect, test } from "vitest";
import { objectCache } from "./object-cache.ts";

const blob = (size: number) => ({ type: "blob", data: Buffer.alloc(size) }) as const;

test("gives what was put in, and nothing else", () => {
  const cache = objectCache(1_000);
  const object = blob(10);
  cache.set(12, object);
  expect(cache.get(12)).toBe(object);
  expect(cache.get(13)).toBeUndefined();
});

test("drops what was used longest ago, and only as much as it must", () => {
  const cache = objectCache(1_000);
  for (const offset of [1, 2, 3, 4]) cache.set(offset, blob(250));
  cache.get(1);
  cache.set(5, blob(100));
  expect([1, 2, 3, 4, 5].map((offset) => cache.get(offset) !== undefined)).toEqual([true, false, true, true, true]);
});

test("does not keep what would take more than a quarter of it", () => {
  const cache = objectCache(1_000);
  cache.set(1, blob(100));
  cache.set(2, blob(251));
  expect(cache.get(2)).toBeUndefined();
  expect(cache.get(1)).toBeDefined();
});

test("counts no object twice", () => {
  const cache = objectCache(1_000);
  for (let times = 0; times < 100; times++) cache.set(1, blob(200));
  cache.set(2, blob(200));
  expect(cache.get(1)).toBeDefined();
  expect(cache.get(2)).toBeDefined();
});
