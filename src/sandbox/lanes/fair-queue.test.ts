import { describe, expect, test } from "vitest";
import { nextJob, ownerKey, type QueueState } from "./fair-queue.ts";

const job = (namespace: string, name: string) => ({ owner: { namespace, name } });
const turns = (
  given: Partial<{ working: string[]; last: Record<string, number>; overruns: Record<string, number> }>,
): QueueState => ({
  working: (namespace) => (given.working ?? []).filter((each) => each === namespace).length,
  lastServed: (key) => given.last?.[key] ?? 0,
  overruns: ({ owner }) => given.overruns?.[ownerKey(owner)] ?? 0,
});

describe("whose turn it is", () => {
  test("the oldest's, where all are alike", () => {
    const first = job("a", "1");
    expect(nextJob([first, job("b", "1")], turns({}))).toBe(first);
    expect(nextJob([], turns({}))).toBeUndefined();
  });

  test("that of a namespace of which nothing is at work, however many Environments another has", () => {
    const victim = job("victim", "1");
    const crowd = Array.from({ length: 50 }, (_, n) => job("crowd", `${n}`));
    expect(nextJob([...crowd, victim], turns({ working: ["crowd"] }))).toBe(victim);
  });

  test("that of the namespace, and in it the Environment, that waited longest", () => {
    const last = { a: 5, b: 4, "b/1": 4, "b/2": 3 };
    const wanted = job("b", "2");
    expect(nextJob([job("a", "1"), job("b", "1"), wanted], turns({ last }))).toBe(wanted);
  });

  test("of who took too much last of all", () => {
    const honest = job("b", "1");
    const overruns = { "a/1": 1 };
    expect(nextJob([job("a", "1"), honest], turns({ overruns, working: ["b", "b"] }))).toBe(honest);
  });
});
