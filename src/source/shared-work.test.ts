import { expect, test } from "vitest";
import { sharedWork } from "./shared-work.ts";

const never = new AbortController().signal;

test("who asks at the same time shares the work, who asks later begins anew", async () => {
  const work = sharedWork<number>();
  let runs = 0;
  const run = () => work.run("key", async () => ++runs, never);
  expect(await Promise.all([run(), run(), run()])).toEqual([1, 1, 1]);
  expect(await run()).toBe(2);
});

test("other keys are other work", async () => {
  const work = sharedWork<string>();
  const run = (key: string) => work.run(key, async () => key, never);
  expect(await Promise.all([run("a"), run("b")])).toEqual(["a", "b"]);
});

test("a failure is everybody's, and not the next one's", async () => {
  const work = sharedWork<string>();
  const fail = () => work.run("key", () => Promise.reject(new Error("no")), never);
  const outcomes = await Promise.allSettled([fail(), fail()]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await work.run("key", async () => "yes", never)).toBe("yes");
});

test("the work ends when the last one gives up, not before", async () => {
  const work = sharedWork<string>();
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

test("after all gave up, the next one does not wait for what they left", async () => {
  const work = sharedWork<string>();
  const impatient = new AbortController();
  const left = work.run("key", () => new Promise(() => undefined), impatient.signal).catch(() => "gave up");
  impatient.abort();
  expect(await left).toBe("gave up");
  expect(await work.run("key", async () => "new", never)).toBe("new");
});
