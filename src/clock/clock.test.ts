import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../model/failure.ts";
import { after, every, guarded, pause, rest, soon } from "./index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const throws = (): void => {
  throw new TypeError("Cannot convert abc-1 to a BigInt");
};

describe("a callback that throws", () => {
  test.each([
    ["after a while", (failed: (failure: Failure) => void) => after(10, throws, failed)],
    ["every so often", (failed: (failure: Failure) => void) => every(10, throws, failed)],
    ["soon", (failed: (failure: Failure) => void) => soon(throws, failed)],
  ])("%s: is told as a bug, and ends nothing", async (_, start) => {
    const told: Failure[] = [];
    const alarm = start((failure) => told.push(failure));
    await vi.advanceTimersByTimeAsync(25);
    alarm.stop();
    expect(told[0]).toMatchObject({ code: "Bug", cause: expect.any(TypeError) });
    expect(told[0]?.message).not.toContain("abc-1");
    const before = told.length;
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toHaveLength(before);
  });

  test("as a listener: the failure it throws is told as it is", () => {
    const told: Failure[] = [];
    const failure = new Failure("SpecInvalid", { message: "no" });
    const listener = guarded(
      (fails: boolean) => {
        if (fails) throw failure;
      },
      (each) => told.push(each),
    );
    listener(false);
    listener(true);
    expect(told).toEqual([failure]);
  });
});

describe("a pause", () => {
  test("ends with its time", async () => {
    const over = vi.fn();
    void pause(50, new AbortController().signal).then(over);
    await vi.advanceTimersByTimeAsync(49);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalled();
  });

  test("ends with its signal, and leaves no timer", async () => {
    const ending = new AbortController();
    const reason = new Failure("Interrupted", { message: "over" });
    const waiting = expect(pause(3_600_000, ending.signal)).rejects.toBe(reason);
    ending.abort(reason);
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
    await expect(pause(1, ending.signal)).rejects.toBe(reason);
  });
});

describe("a rest", () => {
  test("ends with its time", async () => {
    const over = vi.fn();
    void rest(50, new AbortController().signal).then(over);
    await vi.advanceTimersByTimeAsync(49);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalled();
  });

  test("ends with any of its signals, without throwing, and leaves no timer", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const resting = rest(3_600_000, first.signal, second.signal);
    second.abort(new Failure("Interrupted", { message: "over" }));
    await resting;
    await rest(3_600_000, first.signal, second.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
