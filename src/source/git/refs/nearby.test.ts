import { expect, test } from "vitest";
import { nearbyNames } from "./nearby.ts";

test.each([
  ["the closest first, the same by name", "main", ["maim", "mian", "main2", "other"], ["maim", "main2", "mian"]],
  ["five at most", "v1", ["v2", "v3", "v4", "v5", "v6", "v7"], ["v2", "v3", "v4", "v5", "v6"]],
  ["in any letter case", "MAIN", ["Main"], ["Main"]],
  [
    "what contains it, however long",
    "login",
    [`feature/${"x".repeat(100)}/login`, "b"],
    [`feature/${"x".repeat(100)}/login`],
  ],
  ["what exists where nothing is close", "production", ["f", "e", "d", "c", "b", "a"], ["a", "b", "c", "d", "e"]],
  ["nothing where there is nothing", "main", [], []],
])("suggests %s", async (_, wanted, existing, expected) => {
  expect(await nearbyNames(wanted, existing)).toEqual(expected);
});

test("takes a moment, not a minute, for all that a hostile server may have", async () => {
  const existing = Array.from({ length: 20_000 }, (_, n) => `${n}`.padStart(64, "abcdefg"));
  const begun = performance.now();
  let rounds = 0;
  const loop = setInterval(() => rounds++, 1);
  expect(await nearbyNames("z".repeat(64), existing)).toHaveLength(5);
  clearInterval(loop);
  expect(performance.now() - begun).toBeLessThan(2_000);
  expect(rounds).toBeGreaterThan(2);
});
