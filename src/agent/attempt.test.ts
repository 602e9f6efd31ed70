import { expect, test, vi } from "vitest";
import type { EnvironmentStatus } from "../api/environment-status.ts";
import { askedAgain, attemptStart, isUnderWay } from "./attempt.ts";

const now = new Date("2026-01-01T12:00:00.000Z");
const before = "2026-01-01T11:00:00.000Z";
const attempt = { revision: "main@sha1:a", generation: 3, started: before };
const writer = (current: EnvironmentStatus) => ({ current, write: async () => undefined });

test.each([
  { what: "the same revision goes on", status: { attempt }, start: before },
  { what: "nothing is under way", status: {}, start: now.toISOString() },
  { what: "another revision", status: { attempt: { ...attempt, revision: "main@sha1:b" } }, start: now.toISOString() },
  { what: "another spec", status: { attempt: { ...attempt, generation: 2 } }, start: now.toISOString() },
  {
    what: "it failed, and is tried again",
    status: { attempt: { ...attempt, failed: before } },
    start: now.toISOString(),
  },
])("when an attempt began: $what", ({ status, start }) => {
  vi.useFakeTimers({ now });
  expect(attemptStart(writer(status), "main@sha1:a", 3).toISOString()).toBe(start);
  vi.useRealTimers();
});

test("what was asked for again is still under way, from now on, and has not failed", () => {
  vi.useFakeTimers({ now });
  const failed = writer({ attempt: { ...attempt, failed: before, cause: "x" }, failedReason: "RolledBack" });
  const fields = askedAgain(failed);
  vi.useRealTimers();
  expect(fields).toEqual({
    attempt: { revision: "main@sha1:a", generation: 3, started: now.toISOString() },
    failedReason: null,
    failedProblems: null,
    failedMessage: null,
  });
  expect(askedAgain(writer({})).attempt).toBeNull();
  expect([isUnderWay(failed), isUnderWay(writer({}))]).toEqual([true, false]);
});
