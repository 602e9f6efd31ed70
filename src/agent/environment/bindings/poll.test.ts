import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { Poll, pauseAfter } from "./poll.ts";

describe("the pause until Git is asked again", () => {
  it.each([
    [0, 60_000, 54_000, 66_000],
    [1, 60_000, 500, 1_500],
    [2, 60_000, 1_000, 3_000],
    [5, 60_000, 8_000, 24_000],
    [7, 60_000, 30_000, 90_000],
    [5_000, 60_000, 30_000, 90_000],
    [1, 300, 150, 450],
  ])("after %i failures, with an interval of %i ms, is from %i to %i ms", (failures, intervalMs, least, most) => {
    expect(pauseAfter({ failures, intervalMs }, 0)).toBe(least);
    expect(pauseAfter({ failures, intervalMs }, 1)).toBeCloseTo(most, 6);
  });
});

describe("a poll", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  const hour = 3_600_000;
  const minute = 60_000;

  /** A poll, and how often it asked. */
  function polled() {
    let asked = 0;
    const poll = new Poll(async () => {
      asked += 1;
      return { tree: undefined, revision: { commit: "a" } } as never;
    });
    return { poll, asked: () => asked };
  }

  it("asks by a shorter interval as soon as somebody wants that, and goes back to the longer one without", async () => {
    const { poll, asked } = polled();
    poll.join(hour, () => undefined);
    await vi.advanceTimersByTimeAsync(0.5 * minute);
    const leave = poll.join(minute, () => undefined);
    await vi.advanceTimersByTimeAsync(0.4 * minute);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(0.2 * minute);
    expect(asked()).toBe(2);
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(asked()).toBeGreaterThanOrEqual(10);
    leave();
    await vi.advanceTimersByTimeAsync(2 * minute);
    const now = asked();
    await vi.advanceTimersByTimeAsync(30 * minute);
    expect(asked()).toBe(now);
    await poll.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not asked at once by each one that comes", async () => {
    const { poll, asked } = polled();
    for (let member = 0; member < 20; member += 1) {
      poll.join(hour, () => undefined);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(asked()).toBe(1);
    await poll.stop();
  });

  it("that is stopped is interrupted, whoever waits for its first answer", async () => {
    const poll = new Poll(
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    );
    const latest = poll.latest(new AbortController().signal);
    const told = expect(latest).rejects.toMatchObject({ code: "Interrupted" });
    await poll.stop();
    await told;
    expect(poll.failure).toBeInstanceOf(Failure);
  });
});
