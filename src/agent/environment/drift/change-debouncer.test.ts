import { expect, test, vi } from "vitest";
import type { ObjectId } from "../../../model/object-id.ts";
import type { ApplyTarget } from "../../../rollout/index.ts";
import { createChangeDebouncer } from "./change-debouncer.ts";

const id = (name: string): ObjectId => ({ group: "", kind: "ConfigMap", namespace: "a", name });
const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
const never = () => false;

/**
 * A healthy Environment whose objects are all as they should be but those named; it takes a while to say so of each. A pass
 * is under way, or begins when so many were asked about.
 */
function environmentOf(moved: readonly string[], takesMs = 0, busyAfter = 0) {
  const asked: string[] = [];
  const woken: number[] = [];
  const isUnchanged = ({ name }: ObjectId) => {
    asked.push(name);
    const end = performance.now() + takesMs;
    while (performance.now() < end);
    return !moved.includes(name);
  };
  const view = { get: () => live, closed: new AbortController().signal };
  const target = { view, comparisons: { isUnchanged }, healthRules: new Map() } as unknown as ApplyTarget;
  const changes = createChangeDebouncer({
    isBusy: () => asked.length >= busyAfter,
    target: () => target,
    isHealthy: () => true,
    wakeIn: (ms) => woken.push(ms),
  });
  return { changes, target, asked, woken };
}

test("one that moved is met soon, and the rest is not checked", async () => {
  const { changes, target, asked, woken } = environmentOf(["b"]);
  for (const name of ["a", "b", "c"]) changes.note(id(name));
  await changes.check(target, never);
  expect(woken).toHaveLength(1);
  expect(asked).toEqual(["a", "b"]);
  await changes.check(target, never);
  expect([woken.length, asked.length]).toEqual([1, 2]);
});

test("the event loop is free between many, and what is noted meanwhile is checked too", async () => {
  const { changes, target, asked, woken } = environmentOf([], 2);
  for (let n = 0; n < 60; n++) changes.note(id(`${n}`));
  let turns = 0;
  const checked = changes.check(target, never);
  const other = setInterval(() => {
    turns += 1;
    if (turns === 1) changes.note(id("meanwhile"));
  }, 1);
  await checked;
  clearInterval(other);
  expect(turns).toBeGreaterThan(1);
  expect(asked).toHaveLength(61);
  expect(woken).toEqual([]);
});

test("what a check that is over did not come to is checked by the next one", async () => {
  const { changes, target, asked } = environmentOf([]);
  for (const name of ["a", "b", "c"]) changes.note(id(name));
  await changes.check(target, () => asked.length === 2);
  expect(asked).toEqual(["a", "b"]);
  await changes.check(target, never);
  expect(asked).toEqual(["a", "b", "c"]);
});

test("without a pass it is checked at once, until one begins", async () => {
  const { changes, target, asked, woken } = environmentOf(["z"], 6, 2);
  for (const name of ["a", "b", "c", "d", "z"]) changes.note(id(name));
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(asked).toEqual(["a", "b"]);
  expect(woken).toEqual([]);
  await changes.check(target, never);
  expect(woken).toHaveLength(1);
});
