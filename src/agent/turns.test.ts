import { expect, test } from "vitest";
import { createTurns, type PassTurn } from "./turns.ts";

const never = new AbortController().signal;

/** What has begun, in order. */
function beginAll(turns: readonly PassTurn[], signal = never): string[] {
  const begun: string[] = [];
  turns.forEach((turn, index) => {
    turn.begin(signal).then(
      () => begun.push(`${index} began`),
      () => begun.push(`${index} gave up`),
    );
  });
  return begun;
}

/** Lets everything happen that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("so many work at the same time, the others in the order of asking", async () => {
  const turns = createTurns(2, 0);
  const [first, second, ...rest] = [turns.enter(), turns.enter(), turns.enter(), turns.enter()] as const;
  const begun = beginAll([first, second, ...rest]);
  await settled();
  expect(begun).toEqual(["0 began", "1 began"]);
  second.end();
  second.end();
  await settled();
  expect(begun).toEqual(["0 began", "1 began", "2 began"]);
  first.end();
  await settled();
  expect(begun.at(-1)).toBe("3 began");
});

test("whoever waits leaves the turn to others, and takes it again before those that have not begun", async () => {
  const turns = createTurns(1, 0);
  const [waiter, other, last] = [turns.enter(), turns.enter(), turns.enter()];
  const gate = Promise.withResolvers<string>();
  await waiter.begin(never);
  let back: string | undefined;
  const waiting = waiter
    .awaiting(() => gate.promise)
    .then((answer) => {
      back = answer;
    });
  await other.begin(never);
  const begun = beginAll([last]);
  gate.resolve("healthy");
  await settled();
  expect(back).toBeUndefined();
  other.end();
  await waiting;
  expect(back).toBe("healthy");
  expect(begun).toEqual([]);
  waiter.end();
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("what somebody asked for goes before what nobody asked for, until it has ended", async () => {
  const turns = createTurns(1, 0);
  const [holder, usual, asked] = [turns.enter(), turns.enter(), turns.enter()];
  await holder.begin(never);
  const begun = beginAll([usual]);
  asked.hasten();
  const hastened = beginAll([asked]);
  holder.end();
  await settled();
  expect([begun, hastened]).toEqual([[], ["0 began"]]);
  asked.end();
  await settled();
  expect(begun).toEqual(["0 began"]);
  const again = [beginAll([holder]), beginAll([asked])];
  usual.end();
  await settled();
  expect(again).toEqual([["0 began"], []]);
});

test("a wait that is over in a moment keeps the turn", async () => {
  const turns = createTurns(1, 60_000);
  const [waiter, other] = [turns.enter(), turns.enter()];
  await waiter.begin(never);
  const begun = beginAll([other]);
  await waiter.awaiting(settled);
  await settled();
  expect(begun).toEqual([]);
});

test("several waits at once take the turn again once", async () => {
  const turns = createTurns(1, 0);
  const [waiter, other, last] = [turns.enter(), turns.enter(), turns.enter()];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await waiter.begin(never);
  const waits = Promise.all(gates.map((gate) => waiter.awaiting(() => gate.promise)));
  await other.begin(never);
  for (const gate of gates) gate.resolve();
  other.end();
  await waits;
  const begun = beginAll([last]);
  await settled();
  expect(begun).toEqual([]);
  waiter.end();
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("what still waits keeps no turn when another wait of its pass has ended", async () => {
  const turns = createTurns(1, 0);
  const [waiter, other] = [turns.enter(), turns.enter()];
  const [stuck, short] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await waiter.begin(never);
  const waits = [stuck, short].map((gate) => waiter.awaiting(() => gate.promise));
  await other.begin(never);
  other.end();
  short.resolve();
  await waits[1];
  const begun = beginAll([other]);
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("who gives up neither gets a turn nor keeps one from the next", async () => {
  const turns = createTurns(1, 0);
  const [holder, impatient, next] = [turns.enter(), turns.enter(), turns.enter()];
  await holder.begin(never);
  const giving = new AbortController();
  const begun = beginAll([impatient], giving.signal);
  const after = beginAll([next]);
  giving.abort();
  await settled();
  expect(begun).toEqual(["0 gave up"]);
  holder.end();
  await settled();
  expect(after).toEqual(["0 began"]);
  next.end();
  const both = new AbortController();
  await holder.begin(never);
  beginAll([impatient], both.signal);
  const last = beginAll([next]);
  holder.end();
  both.abort();
  await settled();
  // Called before it gave up, it may have got it, and ends.
  impatient.end();
  await settled();
  expect(last).toEqual(["0 began"]);
});

test("a failed wait fails as it did", async () => {
  const turn = createTurns(1, 0).enter();
  await turn.begin(never);
  const wait = () => Promise.reject(new Error("unhealthy"));
  await expect(turn.awaiting(wait)).rejects.toThrow("unhealthy");
});
