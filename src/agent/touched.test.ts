import { expect, test } from "vitest";
import type { ObjectId } from "../model/object-id.ts";
import type { Target } from "../rollout/index.ts";
import { createTouched } from "./touched.ts";

const id = (name: string): ObjectId => ({ group: "", kind: "ConfigMap", namespace: "a", name });
const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };

/** A target in which all objects are as they should be but those named; it takes a while to say so of each. */
function targetOf(moved: readonly string[], takesMs = 0) {
  const asked: string[] = [];
  const unmoved = ({ name }: ObjectId) => {
    asked.push(name);
    const end = performance.now() + takesMs;
    while (performance.now() < end);
    return !moved.includes(name);
  };
  const target = { view: { get: () => live }, verified: { unmoved }, healthRules: new Map() } as unknown as Target;
  return { target, asked };
}

test("one that moved is met soon, and the rest is not looked at", async () => {
  const touched = createTouched();
  for (const name of ["a", "b", "c"]) touched.note(id(name));
  const { target, asked } = targetOf(["b"]);
  expect(await touched.dueMs({ target, healthy: true, isOver: () => false })).toBeGreaterThan(0);
  expect(asked).toEqual(["a", "b"]);
  expect(await touched.dueMs({ target, healthy: true, isOver: () => false })).toBeUndefined();
});

test("others have their turn between many, and what is noted meanwhile is looked at too", async () => {
  const touched = createTouched();
  for (let n = 0; n < 60; n++) touched.note(id(`${n}`));
  const { target, asked } = targetOf([], 2);
  let turns = 0;
  const due = touched.dueMs({ target, healthy: true, isOver: () => false });
  const other = setInterval(() => {
    turns += 1;
    if (turns === 1) touched.note(id("meanwhile"));
  }, 1);
  expect(await due).toBeUndefined();
  clearInterval(other);
  expect(turns).toBeGreaterThan(1);
  expect(asked).toHaveLength(61);
});

test("what a look that is over did not come to is looked at by the next one", async () => {
  const touched = createTouched();
  for (const name of ["a", "b", "c"]) touched.note(id(name));
  const { target, asked } = targetOf([]);
  expect(await touched.dueMs({ target, healthy: true, isOver: () => asked.length === 2 })).toBeUndefined();
  expect(asked).toEqual(["a", "b"]);
  expect(await touched.dueMs({ target, healthy: true, isOver: () => false })).toBeUndefined();
  expect(asked).toEqual(["a", "b", "c"]);
});
