import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../../model/failure.ts";
import { type Loop, startLoop } from "./loop.ts";

type Command =
  | { readonly type: "wake" | "interrupt" }
  | { readonly type: "wakeIn"; readonly ms: number }
  | { readonly type: "time"; readonly ms: number };

/** A pass that takes its time, unless its signal ends it. */
const takes = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** A loop whose passes take so long each, one after the other. */
function observed(durations: readonly number[]) {
  const seen = { started: [] as number[], ended: [] as { at: number; aborted: boolean }[], most: 0, running: 0 };
  const loop: Loop = startLoop(async (signal) => {
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    const duration = durations[seen.started.length % durations.length] ?? 0;
    seen.started.push(performance.now());
    if (duration > 0) await takes(duration, signal);
    seen.ended.push({ at: performance.now(), aborted: signal.aborted });
    seen.running -= 1;
  });
  return { loop, seen };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ type: fc.constantFrom("wake" as const, "interrupt" as const) }),
  fc.record({ type: fc.constant("wakeIn" as const), ms: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ type: fc.constant("time" as const), ms: fc.integer({ min: 0, max: 150 }) }),
);

test("whatever asks for passes: one at a time, each request is met, and nothing runs after the end", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { maxLength: 25 }),
      fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 4 }),
      async (commands, durations) => {
        const { loop, seen } = observed(durations);
        await vi.advanceTimersByTimeAsync(0);
        expect(seen.started).toHaveLength(1);
        /** From when on a pass must start, and by when at the latest where none is under way. */
        const requests: { readonly from: number; readonly by: number }[] = [];
        for (const each of commands) {
          const from = performance.now();
          const [before, busy] = [seen.ended.length, loop.busy];
          if (each.type === "time") await vi.advanceTimersByTimeAsync(each.ms);
          else if (each.type === "wakeIn") loop.wakeIn(each.ms);
          else loop[each.type]("something moved");
          if (each.type === "wakeIn") requests.push({ from, by: from + each.ms });
          if (each.type === "wake" || each.type === "interrupt") requests.push({ from, by: from });
          if (each.type !== "interrupt") continue;
          await vi.advanceTimersByTimeAsync(0);
          // The pass under way ended in this moment, by its signal, and the next one has begun.
          if (busy) expect(seen.ended[before]).toEqual({ at: from, aborted: true });
          expect(seen.started.at(-1)).toBe(from);
        }
        await vi.advanceTimersByTimeAsync(1_000);
        const longest = Math.max(...durations);
        for (const { from, by } of requests) {
          const met = seen.started.some((at) => at >= from && at <= by + longest);
          expect({ from, by, met, started: seen.started }).toMatchObject({ met: true });
        }
        expect(seen.most).toBe(1);
        loop.wakeIn(10);
        await loop.close();
        const count = seen.started.length;
        loop.wake();
        loop.interrupt("too late");
        await vi.advanceTimersByTimeAsync(1_000);
        expect(seen.started).toHaveLength(count);
        expect(seen.running).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

describe("closing", () => {
  test("ends the pass under way, and waits for it", async () => {
    const { loop, seen } = observed([10_000]);
    await vi.advanceTimersByTimeAsync(5);
    expect(loop.busy).toBe(true);
    await loop.close();
    expect(seen.ended).toEqual([{ at: expect.any(Number), aborted: true }]);
    expect(loop.closing.reason).toMatchObject({ code: "Interrupted", message: "the agent is stopping" });
  });

  test("before the first pass begins lets it not begin", async () => {
    const { loop, seen } = observed([0]);
    await loop.close();
    expect(seen.started).toEqual([]);
  });
});

test("an interruption says why", async () => {
  const reasons: unknown[] = [];
  const loop = startLoop(async (signal) => {
    await takes(50, signal);
    reasons.push(signal.reason);
  });
  await vi.advanceTimersByTimeAsync(1);
  loop.interrupt("the Environment was changed");
  await vi.advanceTimersByTimeAsync(100);
  await loop.close();
  expect(reasons[0]).toBeInstanceOf(Failure);
  expect(reasons).toEqual([expect.objectContaining({ message: "the Environment was changed" }), undefined]);
});

test("a pass that throws is a bug, which is reported, and made again in a minute", async () => {
  const bugs: unknown[] = [];
  const noted = (thrown: unknown) => void bugs.push(thrown);
  const before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", noted);
  let passes = 0;
  const loop = startLoop(async () => {
    passes += 1;
    if (passes === 1) throw new TypeError("no such member");
  });
  await vi.advanceTimersByTimeAsync(59_999);
  expect(passes).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(passes).toBe(2);
  await loop.close();
  vi.useRealTimers();
  await expect.poll(() => bugs).toEqual([expect.objectContaining({ code: "Bug" })]);
  process.off("unhandledRejection", noted);
  for (const listener of before) process.on("unhandledRejection", listener);
});
