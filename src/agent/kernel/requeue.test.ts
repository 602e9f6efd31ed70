import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRequeue, type Requeue } from "./requeue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When passes came due, in milliseconds from the start. */
function dueTimes(requeue: Requeue): number[] {
  const start = performance.now();
  const times: number[] = [];
  const follow = async (): Promise<void> => {
    for (;;) {
      await requeue.due();
      times.push(performance.now() - start);
    }
  };
  void follow();
  return times;
}

test.each<readonly [string, readonly number[], number]>([
  ["one request", [50], 50],
  ["the earliest of several counts", [50, 20, 90], 20],
  ["a later one does not put it off", [20, 50], 20],
])("%s", async (_what, requests, expected) => {
  const requeue = createRequeue();
  const times = dueTimes(requeue);
  for (const ms of requests) requeue.in(ms);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times).toEqual([expected]);
});

test("what comes due while nobody waits is due at once, and only once", async () => {
  const requeue = createRequeue();
  requeue.now();
  requeue.now();
  const times = dueTimes(requeue);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times).toEqual([0]);
});

test("a pass makes the requests before it void", async () => {
  const requeue = createRequeue();
  requeue.in(30);
  requeue.now();
  const times = dueTimes(requeue);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a request for a time that no timer can be set to comes due with the longest one", async () => {
  const requeue = createRequeue();
  const times = dueTimes(requeue);
  requeue.in(90 * 24 * 3_600_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times).toEqual([]);
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(times).toEqual([2 ** 31 - 1]);
});

test("it does not go by the time of day", async () => {
  const requeue = createRequeue();
  const times = dueTimes(requeue);
  requeue.in(50);
  vi.setSystemTime(new Date("2001-01-01T00:00:00Z"));
  requeue.in(60);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(times).toEqual([50]);
});
