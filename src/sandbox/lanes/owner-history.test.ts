import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { createOwnerHistory } from "./owner-history.ts";

const [one, other] = [
  { namespace: "a", name: "1" },
  { namespace: "a", name: "2" },
];
const failure = (message: string) => new Failure("TooExpensive", { message });
const minutes = (count: number) => count * 60_000;

test("the same that took too much gets the same answer for ten minutes, whatever went well in between", () => {
  let now = 0;
  const history = createOwnerHistory(() => now);
  const [first, second] = [failure("first"), failure("second")];
  history.noteOverrun(one, "bomb", first);
  now = minutes(4);
  history.noteOverrun(one, "other bomb", second);
  history.noteLane(one, "build", "long");
  now = minutes(9);
  expect([history.failureOf(one, "bomb"), history.failureOf(one, "other bomb")]).toEqual([first, second]);
  expect(history.failureOf(one, "harmless")).toBeUndefined();
  expect(history.failureOf(other, "bomb")).toBeUndefined();
  expect([history.overruns(one), history.overruns(other)]).toEqual([2, 0]);
  now = minutes(11);
  expect([history.failureOf(one, "bomb"), history.failureOf(one, "other bomb")]).toEqual([undefined, second]);
  expect(history.overruns(one)).toBe(1);
  now = minutes(15);
  expect(history.overruns(one)).toBe(0);
});

test("who needs much does so for that kind of task, and for ten minutes since it last did, whatever else it does", () => {
  let now = 0;
  const history = createOwnerHistory(() => now);
  history.noteLane(one, "build", "long");
  now = minutes(9);
  history.noteOverrun(one, "bomb", failure("x"));
  expect([history.laneOf(one, "build"), history.laneOf(one, "remotes")]).toEqual(["long", "quick"]);
  expect(history.laneOf(other, "build")).toBe("quick");
  now = minutes(11);
  expect(history.laneOf(one, "build")).toBe("quick");
});

test("an owner of whom three different things took too much has used up what it had, until the first is forgotten", () => {
  let now = 0;
  const history = createOwnerHistory(() => now);
  history.noteOverrun(one, "a", failure("a"));
  now = minutes(1);
  history.noteOverrun(one, "b", failure("b"));
  history.noteOverrun(one, "b", failure("b again"));
  expect(history.isExhausted(one)).toBe(false);
  history.noteOverrun(one, "c", failure("c"));
  expect([history.isExhausted(one), history.isExhausted(other)]).toEqual([true, false]);
  expect(history.failureOf(one, "b")?.message).toBe("b again");
  now = minutes(10);
  expect(history.isExhausted(one)).toBe(false);
});

test("of one owner the newest are remembered", () => {
  const history = createOwnerHistory(() => 1);
  for (let n = 0; n < 12; n++) history.noteOverrun(one, `${n}`, failure(`${n}`));
  expect(history.overruns(one)).toBe(3);
  expect(history.failureOf(one, "8")).toBeUndefined();
  expect(history.failureOf(one, "9")).toBeDefined();
});

test("what is wrong, and what was refused for the sake of others, is known as well, and is no overrun", () => {
  let now = 0;
  const history = createOwnerHistory(() => now);
  expect(history.hasFailures(one)).toBe(false);
  history.noteFailure(one, "wrong", failure("wrong"));
  expect([history.hasFailures(one), history.overruns(one)]).toEqual([true, 0]);
  for (const each of ["a", "b", "c"]) history.noteOverrun(one, each, failure(each));
  now = minutes(5);
  history.noteRefusal(one, "large", failure("large"));
  expect(history.failureOf(one, "wrong")?.message).toBe("wrong");
  expect(history.failureOf(one, "large")?.message).toBe("large");
  now = minutes(11);
  expect([history.hasFailures(one), history.failureOf(one, "large")]).toEqual([false, undefined]);
});

test("a failure that would take much memory is not remembered", () => {
  const history = createOwnerHistory(() => 1);
  history.noteFailure(one, "short", failure("x".repeat(30_000)));
  history.noteFailure(one, "long", failure("x".repeat(33_000)));
  expect([history.failureOf(one, "short"), history.failureOf(one, "long")].map(Boolean)).toEqual([true, false]);
});
