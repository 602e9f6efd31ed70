import { expect, test } from "vitest";
import { createPace, inSlices } from "./slices.ts";

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

/** Takes so long that whoever works in slices lets others have their turn. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("many works in slices have one slice a turn, all together", async () => {
  let [inTurn, most] = [0, 0];
  const newTurn = () => {
    inTurn = 0;
    turns = setImmediate(newTurn);
  };
  let turns = setImmediate(newTurn);
  function* steps() {
    for (let step = 0; step < 3; step++) {
      yield;
      work(15);
      inTurn += 1;
      most = Math.max(most, inTurn);
    }
  }
  work(15);
  await Promise.all(Array.from({ length: 5 }, () => inSlices(steps())));
  clearImmediate(turns);
  expect(most).toBeLessThanOrEqual(2);
});

test("what was done before in the same turn counts", async () => {
  await createPace()();
  work(15);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await createPace()();
  expect(turned).toBe(true);
});
