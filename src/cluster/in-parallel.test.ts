import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

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
