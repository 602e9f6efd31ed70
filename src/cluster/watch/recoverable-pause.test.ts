import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createReachability } from "../http/reachability.ts";
import { createRecoverablePause } from "./recoverable-pause.ts";

const never = new AbortController().signal;
const hour = 3_600_000;

test("a server has returned when it answers after it was missed, and only then", () => {
  const server = createReachability();
  let returns = 0;
  const stop = server.onRecovery(() => {
    returns++;
  });
  server.reached();
  expect(returns).toBe(0);
  server.failed();
  server.failed();
  server.reached();
  server.reached();
  expect(returns).toBe(1);
  stop();
  server.failed();
  server.reached();
  expect(returns).toBe(1);
});

test("a pause ends when the server returns, but not again right after that", async () => {
  const server = createReachability();
  const pause = createRecoverablePause(server, hour);
  const flap = () => {
    server.failed();
    server.reached();
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
  await createRecoverablePause(createReachability())(100, never);
  // A timer may be a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(95);
});
