import { expect, test } from "vitest";
import type { HistoryEntry } from "../../../api/environment/environment-status.ts";
import { addHistory } from "./history.ts";

const started = new Date("2026-01-01T00:00:00Z");
const now = new Date("2026-01-01T00:05:00Z");
const entry = { revision: "r", digest: "d", outcome: "RolledBack" as const };
const old = (revision: string): HistoryEntry => ({
  ...{ revision, digest: "d", outcome: "Succeeded", started: "2025-12-31T00:00:00.000Z", finished: "f" },
});
const attempt = { revision: "r", generation: 1, started: "2025-12-31T23:59:00.000Z" };

test("a rollout that ended comes first, from the start of its attempt", () => {
  expect(addHistory({ before: { attempt, history: [old("q")] }, started, now }, entry)).toEqual([
    { ...entry, started: attempt.started, finished: "2026-01-01T00:05:00.000Z" },
    old("q"),
  ]);
});

test("without an attempt it began with the pass", () => {
  expect(addHistory({ before: {}, started, now }, entry)[0]?.started).toBe("2026-01-01T00:00:00.000Z");
});

test("ten are kept", () => {
  const history = Array.from({ length: 10 }, (_, index) => old(`${index}`));
  const all = addHistory({ before: { history }, started, now }, entry);
  expect(all.map(({ revision }) => revision)).toEqual(["r", "0", "1", "2", "3", "4", "5", "6", "7", "8"]);
});

test.each([
  ["the same rollout again: one entry, with its end", entry, 1],
  ["another outcome of it", { ...entry, outcome: "RollbackFailed" as const }, 2],
  ["another revision", { ...entry, revision: "s" }, 2],
])("%s", (_what, second, count) => {
  const history = addHistory({ before: { attempt }, started, now }, entry);
  const later = new Date("2026-01-01T00:09:00Z");
  const all = addHistory({ before: { attempt, history }, started, now: later }, second);
  expect(all).toHaveLength(count);
  expect(all[0]).toMatchObject({ ...second, finished: "2026-01-01T00:09:00.000Z" });
});

test("another attempt at the same revision is another entry", () => {
  const history = addHistory({ before: { attempt }, started, now }, entry);
  const again = { ...attempt, started: "2026-01-01T00:04:00.000Z" };
  expect(addHistory({ before: { attempt: again, history }, started, now }, entry)).toHaveLength(2);
});

test("a cause has room for so many characters", () => {
  const [first] = addHistory({ before: {}, started, now }, { ...entry, message: "x".repeat(5_000) });
  expect(first?.message?.length).toBeLessThanOrEqual(1_000);
});
