/** Waiting for the end of an object: until it is gone or another one has its name, and what keeps it when time is up. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster } from "../../../test/rollout/fake-cluster.ts";
import { never, settings } from "../../../test/rollout/objects.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { describeDeletion, waitUntilGone } from "./until-gone.ts";

const ref = refOf(settings("web"));
const timeout = () => new DOMException("The operation was aborted due to timeout", "TimeoutError");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  [[], "is being deleted"],
  [["a/b"], "is being deleted; blocked by the finalizer a/b"],
  [["a/b", "c/d"], "is being deleted; blocked by the finalizers a/b, c/d"],
])("finalizers %j: %s", (finalizers, says) => {
  expect(describeDeletion(settings("web", { finalizers }))).toBe(says);
});

test("what somebody wrote for finalizers that are none is not quoted", () => {
  expect(describeDeletion(settings("web", { finalizers: "a/b" }))).toBe("is being deleted");
  expect(describeDeletion(settings("web", { finalizers: [1, "a/b"] }))).toContain("the finalizer a/b");
});

test("it ends at once where the object is gone, or has another uid", async () => {
  const fake = new FakeCluster();
  await expect(waitUntilGone(fake.cluster, ref, "uid-web", never)).resolves.toBeUndefined();
  fake.put(settings("web"));
  await expect(waitUntilGone(fake.cluster, ref, "another", never)).resolves.toBeUndefined();
});

test("it ends soon after the object has gone", async () => {
  const fake = new FakeCluster();
  fake.put(settings("web", { finalizers: ["a/b"] }));
  let ended = false;
  const waiting = waitUntilGone(fake.cluster, ref, "uid-web", never).then(() => {
    ended = true;
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toBe(false);
  fake.remove(ref);
  await vi.advanceTimersByTimeAsync(100);
  expect(ended).toBe(true);
  await waiting;
});

describe("when time is up", () => {
  const waitOn = async (fake: FakeCluster, reason: unknown, late = 0) => {
    const limit = new AbortController();
    const waiting = waitUntilGone(fake.cluster, ref, "uid-web", limit.signal).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(1_000 + late);
    limit.abort(reason);
    await vi.advanceTimersByTimeAsync(0);
    return waiting;
  };

  test.each([
    [{ finalizers: ["a/b"] }, "is being deleted; blocked by the finalizer a/b"],
    [{}, "is being deleted"],
  ])("it tells what keeps the object: %j", async (metadata, message) => {
    const fake = new FakeCluster();
    fake.put(settings("web", metadata));
    expect(await waitOn(fake, timeout())).toMatchObject({
      code: "HealthTimeout",
      problems: [{ object: "ConfigMap/shop/web", message, hint: expect.stringContaining("finalizer") }],
    });
  });

  test("the object of no namespace is named without one", async () => {
    const fake = new FakeCluster();
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    fake.put(namespace);
    const limit = new AbortController();
    const waiting = waitUntilGone(fake.cluster, refOf(namespace), "uid-shop", limit.signal).catch((thrown) => thrown);
    await vi.advanceTimersByTimeAsync(100);
    limit.abort(timeout());
    expect(await waiting).toMatchObject({ problems: [{ object: "Namespace/shop" }] });
  });

  test("by another reason than a time limit, that is thrown", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web"));
    const interrupted = new Failure("Interrupted", { message: "a newer commit" });
    expect(await waitOn(fake, interrupted)).toBe(interrupted);
  });

  test("and the API server has not answered for a while, that is no verdict about the object", async () => {
    const fake = new FakeCluster();
    fake.put(settings("web"));
    const { get } = fake.cluster;
    let reads = 0;
    const cluster = {
      get: (...args: Parameters<typeof get>) => {
        reads += 1;
        return reads === 1
          ? get(...args)
          : new Promise<never>((_, reject) => args[1].addEventListener("abort", () => reject(args[1].reason)));
      },
    };
    const limit = new AbortController();
    const waiting = waitUntilGone(cluster, ref, "uid-web", limit.signal).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(5_101);
    const reason = timeout();
    limit.abort(reason);
    expect(await waiting).toBe(reason);
  });
});
