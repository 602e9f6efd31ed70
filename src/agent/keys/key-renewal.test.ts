import { describe, expect, test, vi } from "vitest";
import { MemoryCluster } from "../../../test/support/memory-cluster/memory-cluster.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { keyRing } from "../../seal/index.ts";
import type { Log } from "../log.ts";
import { decideRenewal, startKeyRenewal } from "./key-renewal.ts";

const now = new Date("2026-01-01T00:00:00Z");
const denied = new Failure("Forbidden", { message: "may not create secrets" });

describe("the decider", () => {
  test("waits until the next key is due", () => {
    const due = new Date("2026-01-31T00:00:00Z");
    expect(decideRenewal({ type: "outcome", outcome: { type: "waiting", due } }, now)).toEqual({
      ...{ status: undefined, event: undefined, requeueMs: 30 * 24 * 3_600_000 },
    });
  });

  test("waits for a change of the keys where none will ever be due", () => {
    const decision = decideRenewal({ type: "outcome", outcome: { type: "waiting", due: undefined } }, now);
    expect(decision.requeueMs).toBeUndefined();
  });

  test("looks after a key that was made, and says where its backup comes from", () => {
    expect(decideRenewal({ type: "outcome", outcome: { type: "made", secret: "key-1" } }, now)).toMatchObject({
      event: { reason: "SealingKeyMade", message: expect.stringContaining("mooring secrets backup"), secret: "key-1" },
      requeueMs: 5_000,
    });
  });

  test("tries again after a failure", () => {
    expect(decideRenewal({ type: "failure", failure: denied }, now)).toEqual({
      ...{ status: undefined, event: undefined, requeueMs: 5_000 },
    });
  });
});

/** Key renewal over a cluster in memory, whose keys are seen as soon as they are made. */
function renewal() {
  const cluster = new MemoryCluster(undefined, ["mooring-system"]);
  const secrets: KubeObject[] = [];
  const listeners = new Set<() => void>();
  const log = { info: vi.fn(), warn: vi.fn() };
  cluster.after = ({ verb }, object) => {
    if (verb !== "create" || object === undefined) return;
    secrets.push(object);
    for (const listener of listeners) listener();
  };
  const keys = {
    get ring() {
      return keyRing(secrets);
    },
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const start = () =>
    startKeyRenewal(cluster, keys, { namespace: "mooring-system", policy: { period: 0 }, log: log as unknown as Log });
  return { secrets, log, listeners, start };
}

// A key takes seconds to make, so only one is made here.
test("a key is made where there is none, and no second one", { timeout: 60_000 }, async () => {
  const { secrets, log, listeners, start } = renewal();
  const running = start();
  await expect.poll(() => log.info.mock.calls, { timeout: 50_000 }).toHaveLength(1);
  expect(log.info.mock.calls[0]?.[0]).toEqual({ secret: secrets[0]?.metadata.name });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await running.close();
  expect([secrets.length, listeners.size, log.warn.mock.calls]).toEqual([1, 0, []]);
});
