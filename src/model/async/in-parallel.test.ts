import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("inParallel", () => {
  test("answers in the order of the items, whichever ends first", async () => {
    const slowFirst = async (number: number) => {
      for (let left = 10 - number; left > 0; left--) await turn();
      return number * 10;
    };
    expect(await inParallel(numbers, 3, slowFirst)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  test("keeps to the limit, and uses it", async () => {
    let running = 0;
    let most = 0;
    await inParallel(numbers, 4, async () => {
      most = Math.max(most, ++running);
      await turn();
      running--;
    });
    expect(most).toBe(4);
  });

  test("nothing to do is done", async () => {
    expect(await inParallel([], 4, async () => 1)).toEqual([]);
  });

  test("after a rejection no more start, and those under way end first", async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const work = async (number: number) => {
      started.push(number);
      if (number === 2) throw new Error("two");
      await turn();
      ended.push(number);
    };
    await expect(inParallel(numbers, 3, work)).rejects.toThrow("two");
    expect(started).toEqual([1, 2, 3]);
    expect(ended).toEqual([1, 3]);
  });

  test("after an abort no more start", async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const work = async (number: number) => {
      started.push(number);
      if (number === 3) controller.abort();
    };
    const all = inParallel([1, 2, 3, 4, 5], 1, work, controller.signal);
    await expect(all).rejects.toMatchObject({ code: "Interrupted" });
    expect(started).toEqual([1, 2, 3]);
  });
});
