import { expect, test } from "vitest";
import { inSlices } from "./slices.ts";

test("work in slices comes to its end, and lets others have their turn meanwhile", async () => {
  let turns = 0;
  const others = setInterval(() => {
    turns += 1;
  }, 1);
  function* work() {
    for (let step = 0; step < 20; step++) {
      const until = performance.now() + 5;
      while (performance.now() < until);
      yield;
    }
    return turns;
  }
  expect(await inSlices(work())).toBeGreaterThan(0);
  clearInterval(others);
});

test("what a step throws is thrown", async () => {
  function* work() {
    yield;
    throw new Error("no");
  }
  await expect(inSlices(work())).rejects.toThrow("no");
});
