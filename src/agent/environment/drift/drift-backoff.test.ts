import { expect, test } from "vitest";
import { createDriftBackoff } from "./drift-backoff.ts";

/** The pauses after each of so many corrections, made one after the other in so many milliseconds. */
function pauses(count: number, everyMs: number): readonly number[] {
  let now = 0;
  const backoff = createDriftBackoff(() => now);
  return Array.from({ length: count }, () => {
    now += everyMs;
    backoff.noteCorrection();
    return backoff.pauseMs();
  });
}

test.each<readonly [string, number, number, readonly number[]]>([
  ["the first few are corrected at once", 4, 10, [0, 0, 0, 0]],
  ["then the pauses grow", 9, 10, [0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000]],
  ["up to a minute", 13, 10, [0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]],
  ["what happens now and then is corrected at once, however long that goes on", 8, 20_000, [0, 0, 0, 0, 0, 0, 0, 0]],
])("%s", (_what, count, everyMs, expected) => {
  expect(pauses(count, everyMs)).toEqual(expected);
});

test("after a minute of peace it is as if nothing had been", () => {
  let now = 0;
  const backoff = createDriftBackoff(() => now);
  for (let hit = 0; hit < 10; hit += 1) backoff.noteCorrection();
  expect(backoff.pauseMs()).toBe(32_000);
  now += 60_001;
  expect(backoff.pauseMs()).toBe(0);
});
