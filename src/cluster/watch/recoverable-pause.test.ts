import { afterEach, expect, test, vi } from "vitest";
import { createReachability } from "../http/reachability.ts";
import { createRecoverablePause } from "./recoverable-pause.ts";

const never = new AbortController().signal;
const hour = 3_600_000;

afterEach(() => void vi.useRealTimers());

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
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const server = createReachability();
  const pause = createRecoverablePause(server, hour);
  const flap = () => {
    server.failed();
    server.reached();
  };
  const first = pause(hour, never);
  flap();
  await vi.advanceTimersByTimeAsync(1_000);
  await first;
  let woken = false;
  const second = pause(hour, never).then(() => {
    woken = true;
  });
  flap();
  flap();
  await vi.advanceTimersByTimeAsync(hour - 2_000);
  expect(woken).toBe(false);
  await vi.advanceTimersByTimeAsync(3_000);
  await second;
});

test("a pause without a return is as long as it was asked to be", async () => {
  const started = performance.now();
  await createRecoverablePause(createReachability())(100, never);
  // A timer may be a millisecond early.
  expect(performance.now() - started).toBeGreaterThan(95);
});
