import { expect, test } from "vitest";
import { createSlots, type PassSlot } from "./slots.ts";

const never = new AbortController().signal;

/** What has begun, in order. */
function beginAll(slots: readonly PassSlot[], signal = never): string[] {
  const begun: string[] = [];
  slots.forEach((slot, index) => {
    slot.acquire(signal).then(
      () => begun.push(`${index} began`),
      () => begun.push(`${index} gave up`),
    );
  });
  return begun;
}

/** Lets everything happen that waits for nothing but its slot. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("so many work at the same time, the others in the order of asking", async () => {
  const slots = createSlots(2, 0);
  const [first, second, ...rest] = [slots.join(), slots.join(), slots.join(), slots.join()] as const;
  const begun = beginAll([first, second, ...rest]);
  await settled();
  expect(begun).toEqual(["0 began", "1 began"]);
  second.release();
  second.release();
  await settled();
  expect(begun).toEqual(["0 began", "1 began", "2 began"]);
  first.release();
  await settled();
  expect(begun.at(-1)).toBe("3 began");
});

test("whoever waits leaves the slot to others, and takes it again before those that have not begun", async () => {
  const slots = createSlots(1, 0);
  const [waiter, other, last] = [slots.join(), slots.join(), slots.join()];
  const gate = Promise.withResolvers<string>();
  await waiter.acquire(never);
  let back: string | undefined;
  const waiting = waiter
    .releaseWhile(() => gate.promise)
    .then((answer) => {
      back = answer;
    });
  await other.acquire(never);
  const begun = beginAll([last]);
  gate.resolve("healthy");
  await settled();
  expect(back).toBeUndefined();
  other.release();
  await waiting;
  expect(back).toBe("healthy");
  expect(begun).toEqual([]);
  waiter.release();
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("what somebody asked for goes before what nobody asked for, until it has ended", async () => {
  const slots = createSlots(1, 0);
  const [holder, usual, asked] = [slots.join(), slots.join(), slots.join()];
  await holder.acquire(never);
  const begun = beginAll([usual]);
  asked.prioritize();
  const prioritized = beginAll([asked]);
  holder.release();
  await settled();
  expect([begun, prioritized]).toEqual([[], ["0 began"]]);
  asked.release();
  await settled();
  expect(begun).toEqual(["0 began"]);
  const again = [beginAll([holder]), beginAll([asked])];
  usual.release();
  await settled();
  expect(again).toEqual([["0 began"], []]);
});

test("a wait that is over in a moment keeps the slot", async () => {
  const slots = createSlots(1, 60_000);
  const [waiter, other] = [slots.join(), slots.join()];
  await waiter.acquire(never);
  const begun = beginAll([other]);
  await waiter.releaseWhile(settled);
  await settled();
  expect(begun).toEqual([]);
});

test("several waits at once take the slot again once", async () => {
  const slots = createSlots(1, 0);
  const [waiter, other, last] = [slots.join(), slots.join(), slots.join()];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await waiter.acquire(never);
  const waits = Promise.all(gates.map((gate) => waiter.releaseWhile(() => gate.promise)));
  await other.acquire(never);
  for (const gate of gates) gate.resolve();
  other.release();
  await waits;
  const begun = beginAll([last]);
  await settled();
  expect(begun).toEqual([]);
  waiter.release();
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("what still waits keeps no slot when another wait of its pass has ended", async () => {
  const slots = createSlots(1, 0);
  const [waiter, other] = [slots.join(), slots.join()];
  const [stuck, short] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await waiter.acquire(never);
  const waits = [stuck, short].map((gate) => waiter.releaseWhile(() => gate.promise));
  await other.acquire(never);
  other.release();
  short.resolve();
  await waits[1];
  const begun = beginAll([other]);
  await settled();
  expect(begun).toEqual(["0 began"]);
});

test("who gives up neither gets a slot nor keeps one from the next", async () => {
  const slots = createSlots(1, 0);
  const [holder, impatient, next] = [slots.join(), slots.join(), slots.join()];
  await holder.acquire(never);
  const giving = new AbortController();
  const begun = beginAll([impatient], giving.signal);
  const after = beginAll([next]);
  giving.abort();
  await settled();
  expect(begun).toEqual(["0 gave up"]);
  holder.release();
  await settled();
  expect(after).toEqual(["0 began"]);
  next.release();
  const both = new AbortController();
  await holder.acquire(never);
  beginAll([impatient], both.signal);
  const last = beginAll([next]);
  holder.release();
  both.abort();
  await settled();
  // Called before it gave up, it may have got it, and ends.
  impatient.release();
  await settled();
  expect(last).toEqual(["0 began"]);
});

test("a failed wait fails as it did", async () => {
  const slot = createSlots(1, 0).join();
  await slot.acquire(never);
  const wait = () => Promise.reject(new Error("unhealthy"));
  await expect(slot.releaseWhile(wait)).rejects.toThrow("unhealthy");
});
