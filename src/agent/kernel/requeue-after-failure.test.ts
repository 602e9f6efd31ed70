import { expect, test } from "vitest";
import { Failure, type FailureCode } from "../../model/failure.ts";
import { requeueAfterFailure } from "./requeue-after-failure.ts";

const now = new Date("2026-01-01T00:00:00Z");
const pace = { firstMs: 2_000, intervalMs: 60_000, resyncMs: 600_000, now };

test.each<readonly [FailureCode, number, number]>([
  // What is away comes back by itself: growing pauses, up to the interval.
  ["ForgeUnreachable", 1, 2_000],
  ["ForgeUnreachable", 2, 4_000],
  ["ForgeUnreachable", 5, 32_000],
  ["ForgeUnreachable", 6, 60_000],
  ["ForgeUnreachable", 500, 60_000],
  ["Bug", 1, 2_000],
  ["Conflict", 3, 8_000],
  // What a person has to fix: the interval, from the first time on.
  ["ForgeDenied", 1, 60_000],
  ["QuotaExceeded", 4, 60_000],
  // What only a trigger changes: a new commit, an edited spec, something that is watched.
  ["SpecInvalid", 1, 600_000],
  ["DependencyNotReady", 2, 600_000],
  ["RenderFailed", 4, 600_000],
])("%s, try %i: %i ms", (code, tries, expected) => {
  expect(requeueAfterFailure(new Failure(code, { message: "no" }), { ...pace, tries })).toBe(expected);
});

test.each([
  ["2026-01-01T00:10:00Z", 600_000],
  ["2026-01-01T00:00:01Z", 2_000],
  ["2025-12-31T23:00:00Z", 2_000],
])("where the other side wants to be left alone until %s: %i ms", (at, expected) => {
  const failure = new Failure("ForgeBusy", { message: "no" }, { retryAt: new Date(at) });
  expect(requeueAfterFailure(failure, { ...pace, tries: 1 })).toBe(expected);
});
