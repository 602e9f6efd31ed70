import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createReachability } from "../http/reachability.ts";
import { pausesUntilReturn } from "./pause-until-return.ts";

const never = new AbortController().signal;
const hour = 3_600_000;

test("a server has returned when it answers after it was missed, and only then", () => {
  const server = createReachability();
  let returns = 0;
  const stop = server.onReturn(() => {
    returns++;
  });
  server.answered();
  expect(returns).toBe(0);
  server.missed();
  server.missed();
  server.answered();
  server.answered();
  expect(returns).toBe(1);
  stop();
  server.missed();
  server.answered();
  expect(returns).toBe(1);
});

test("a pause ends when the server returns, but not again right after that", async () => {
  const server = createReachability();
  const pause = pausesUntilReturn(server, hour);
  const flap = () => {
    server.missed();
    server.answered();
  };
  const first = pause(hour, never);
  flap();
  await first;
  const abort = new AbortController();
  const second = pause(hour, abort.signal).then(
    () => "woken",
    () => "aborted",
  );
  flap();
  flap();
  await sleep(1_000);
  abort.abort();
  expect(await second).toBe("aborted");
});

test("a pause without a return is as long as it was asked to be", async () => {
  const started = performance.now();
  await pausesUntilReturn(createReachability())(100, never);
  // A timer may be a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(95);
});
