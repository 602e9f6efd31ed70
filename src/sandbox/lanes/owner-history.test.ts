import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import { createConduct } from "./owner-history.ts";

const [one, other] = [
  { namespace: "a", name: "1" },
  { namespace: "a", name: "2" },
];
const failure = (message: string) => new Failure("TooExpensive", { message });
const minutes = (count: number) => count * 60_000;

test("the same that took too much gets the same answer for ten minutes, whatever went well in between", () => {
  let now = 0;
  const conduct = createConduct(() => now);
  const [first, second] = [failure("first"), failure("second")];
  conduct.noteOffence(one, "bomb", first);
  now = minutes(4);
  conduct.noteOffence(one, "other bomb", second);
  conduct.noteLane(one, "build", "long");
  now = minutes(9);
  expect([conduct.failureOf(one, "bomb"), conduct.failureOf(one, "other bomb")]).toEqual([first, second]);
  expect(conduct.failureOf(one, "harmless")).toBeUndefined();
  expect(conduct.failureOf(other, "bomb")).toBeUndefined();
  expect([conduct.offences(one), conduct.offences(other)]).toEqual([2, 0]);
  now = minutes(11);
  expect([conduct.failureOf(one, "bomb"), conduct.failureOf(one, "other bomb")]).toEqual([undefined, second]);
  expect(conduct.offences(one)).toBe(1);
  now = minutes(15);
  expect(conduct.offences(one)).toBe(0);
});

test("who needs much does so for that kind of task, and for ten minutes since it last did, whatever else it does", () => {
  let now = 0;
  const conduct = createConduct(() => now);
  conduct.noteLane(one, "build", "long");
  now = minutes(9);
  conduct.noteOffence(one, "bomb", failure("x"));
  expect([conduct.laneOf(one, "build"), conduct.laneOf(one, "remotes")]).toEqual(["long", "quick"]);
  expect(conduct.laneOf(other, "build")).toBe("quick");
  now = minutes(11);
  expect(conduct.laneOf(one, "build")).toBe("quick");
});

test("an owner of whom three different things took too much has used up what it had, until the first is forgotten", () => {
  let now = 0;
  const conduct = createConduct(() => now);
  conduct.noteOffence(one, "a", failure("a"));
  now = minutes(1);
  conduct.noteOffence(one, "b", failure("b"));
  conduct.noteOffence(one, "b", failure("b again"));
  expect(conduct.isExhausted(one)).toBe(false);
  conduct.noteOffence(one, "c", failure("c"));
  expect([conduct.isExhausted(one), conduct.isExhausted(other)]).toEqual([true, false]);
  expect(conduct.failureOf(one, "b")?.message).toBe("b again");
  now = minutes(10);
  expect(conduct.isExhausted(one)).toBe(false);
});

test("of one owner the newest are remembered", () => {
  const conduct = createConduct(() => 1);
  for (let n = 0; n < 12; n++) conduct.noteOffence(one, `${n}`, failure(`${n}`));
  expect(conduct.offences(one)).toBe(3);
  expect(conduct.failureOf(one, "8")).toBeUndefined();
  expect(conduct.failureOf(one, "9")).toBeDefined();
});

test("what is wrong, and what was refused for the sake of others, is known as well, and is no offence", () => {
  let now = 0;
  const conduct = createConduct(() => now);
  expect(conduct.knows(one)).toBe(false);
  conduct.noteWrong(one, "wrong", failure("wrong"));
  expect([conduct.knows(one), conduct.offences(one)]).toEqual([true, 0]);
  for (const each of ["a", "b", "c"]) conduct.noteOffence(one, each, failure(each));
  now = minutes(5);
  conduct.noteRefusal(one, "large", failure("large"));
  expect(conduct.failureOf(one, "wrong")?.message).toBe("wrong");
  expect(conduct.failureOf(one, "large")?.message).toBe("large");
  now = minutes(11);
  expect([conduct.knows(one), conduct.failureOf(one, "large")]).toEqual([false, undefined]);
});

test("a failure that would take much memory is not remembered", () => {
  const conduct = createConduct(() => 1);
  conduct.noteWrong(one, "short", failure("x".repeat(30_000)));
  conduct.noteWrong(one, "long", failure("x".repeat(33_000)));
  expect([conduct.failureOf(one, "short"), conduct.failureOf(one, "long")].map(Boolean)).toEqual([true, false]);
});
