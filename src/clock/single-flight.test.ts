import { expect, test } from "vitest";
import { createSingleFlight } from "./index.ts";

const never = new AbortController().signal;

test("concurrent callers share the work, a later one begins anew", async () => {
  const work = createSingleFlight<number>();
  let runs = 0;
  const run = () => work.run("key", async () => ++runs, never);
  expect(await Promise.all([run(), run(), run()])).toEqual([1, 1, 1]);
  expect(await run()).toBe(2);
});

test("other keys are other work", async () => {
  const work = createSingleFlight<string>();
  const run = (key: string) => work.run(key, async () => key, never);
  expect(await Promise.all([run("a"), run("b")])).toEqual(["a", "b"]);
});

test("a failure is for all who share the work, and not for the next caller", async () => {
  const work = createSingleFlight<string>();
  const fail = () => work.run("key", () => Promise.reject(new Error("no")), never);
  const outcomes = await Promise.allSettled([fail(), fail()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await work.run("key", async () => "yes", never)).toBe("yes");
});

test("the work is aborted when the last caller leaves, not before", async () => {
  const work = createSingleFlight<string>();
  const [first, second] = [new AbortController(), new AbortController()];
  let inside: AbortSignal | undefined;
  const wait = (signal: AbortSignal): Promise<string> => {
    inside = signal;
    return new Promise(() => undefined);
  };
  const runs = [first, second].map(({ signal }) => work.run("key", wait, signal).catch((reason: unknown) => reason));
  first.abort("first");
  expect(await runs[0]).toBe("first");
  expect(inside?.aborted).toBe(false);
  second.abort("second");
  expect(await runs[1]).toBe("second");
  expect(inside?.aborted).toBe(true);
});

test("after all have left, the next caller does not wait for what they began", async () => {
  const work = createSingleFlight<string>();
  const impatient = new AbortController();
  const left = work.run("key", () => new Promise(() => undefined), impatient.signal).catch(() => "gave up");
  impatient.abort();
  expect(await left).toBe("gave up");
  expect(await work.run("key", async () => "new", never)).toBe("new");
});

test("a caller without a signal keeps the work alive", async () => {
  const flight = createSingleFlight<string>();
  const done = Promise.withResolvers<string>();
  const impatient = new AbortController();
  let inside: AbortSignal | undefined;
  const work = (signal: AbortSignal) => {
    inside = signal;
    return done.promise;
  };
  const left = flight.run("key", work, impatient.signal).catch((reason: unknown) => reason);
  const stays = flight.run("key", work);
  impatient.abort("left");
  expect(await left).toBe("left");
  expect(inside?.aborted).toBe(false);
  done.resolve("done");
  expect(await stays).toBe("done");
});

test("whoever needs work that begins from now on waits until that in flight is over, also where it fails", async () => {
  const flight = createSingleFlight<number>();
  const first = Promise.withResolvers<number>();
  const failed = flight.run("key", () => first.promise).catch(() => "failed");
  const fresh = flight.over("key").then(() => flight.run("key", async () => 2));
  first.reject(new Error("no"));
  expect(await failed).toBe("failed");
  expect(await fresh).toBe(2);
  await flight.over("key");
});
