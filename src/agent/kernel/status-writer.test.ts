import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { conditionOf } from "../../api/conditions.ts";
import { readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Cluster, Patch } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, type JsonObject } from "../../model/json/json.ts";
import { createStatusWriter } from "./status-writer.ts";

const { signal } = new AbortController();
const first = { revision: "main@sha1:a", generation: 1, started: "2026-01-01T00:00:00Z" };

/** RFC 7386, as it stands there. */
function merge(target: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const before = result.get(name);
    if (value === null) result.delete(name);
    else if (isObject(value)) result.set(name, merge(isObject(before) ? before : {}, value));
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}

/** What becomes of a write: `lost` is written, and its answer lost. */
type Fate = "written" | "lost" | "refused" | "conflict" | "gone";

const failures: Readonly<Record<Exclude<Fate, "written">, Failure>> = {
  lost: new Failure("ClusterUnreachable", { message: "no answer" }),
  refused: new Failure("ClusterUnreachable", { message: "no answer" }),
  conflict: new Failure("Conflict", { message: "was changed by someone else at the same time" }),
  gone: new Failure("NotFound", { message: "is gone" }),
};

/** What the API server holds, and what becomes of the next writes. */
function server() {
  const at = { status: {} as JsonObject, requests: 0, next: [] as Fate[] };
  const cluster: Pick<Cluster, "patch"> = {
    async patch(ref, patch: Patch) {
      at.requests += 1;
      const how = at.next.shift() ?? "written";
      const body = patch.type === "merge" && isObject(patch.body.status) ? patch.body.status : {};
      if (how === "written" || how === "lost") at.status = merge(at.status, body);
      if (how !== "written") throw failures[how];
      return { apiVersion, kind: "Environment", metadata: { name: ref.name } };
    },
  };
  const metadata = { name: "shop", namespace: "team", generation: 1 };
  const spec = { source: { url: "https://git.example.com/x.git" }, path: "." };
  const environment = readEnvironment({ apiVersion, kind: "Environment", metadata, spec });
  return { at, writer: createStatusWriter(cluster, "Environment", environment, () => 1) };
}

test.each(["lost", "refused"] as const)(
  "after a write that was %s, the next one makes everything as it should be",
  async (how) => {
    const { at, writer } = server();
    await writer.write({ fields: { lastHandledRequest: "1" } }, signal);
    at.next.push(how);
    const attempt = { ...first, failed: "2026-01-01T00:01:00Z" };
    await expect(writer.write({ fields: { attempt, lastHandledRequest: null } }, signal)).rejects.toMatchObject({
      code: "ClusterUnreachable",
    });
    // Nothing new is to be said, and yet the API server may say another thing.
    await writer.write({}, signal);
    expect(at.status).toEqual({ conditions: [], lastHandledRequest: "1" });
    expect(writer.current).toEqual(at.status);
    await writer.write({}, signal);
    expect(at.requests).toBe(3);
  },
);

test("several lost in a row leave nothing behind either", async () => {
  const { at, writer } = server();
  at.next.push("lost", "lost", "refused");
  const writes = [{ attempt: { ...first, created: ["x"] } }, { failedReason: "HealthFailed" }, { failedMessage: "x" }];
  for (const fields of writes) await expect(writer.write({ fields }, signal)).rejects.toThrow("no answer");
  await writer.write({ fields: { attempt: first } }, signal);
  expect(at.status).toEqual({ conditions: [], attempt: first });
});

test("an attempt has nothing of the one before it", async () => {
  const { at, writer } = server();
  await writer.write({ fields: { attempt: { ...first, created: ["x"], failed: "2026-01-01T00:01:00Z" } } }, signal);
  const second = { ...first, revision: "main@sha1:b" };
  await writer.write({ fields: { attempt: second } }, signal);
  expect(at.status).toEqual({ conditions: [], attempt: second });
  await writer.write({ fields: { attempt: null } }, signal);
  expect(at.status).toEqual({ conditions: [] });
});

test("a conflict is thrown, and what it was about goes with the next write, once", async () => {
  const { at, writer } = server();
  at.next.push("conflict");
  await expect(writer.write({ fields: { lastHandledRequest: "1" } }, signal)).rejects.toMatchObject({
    code: "Conflict",
  });
  expect(at.status).toEqual({});
  await writer.write({ fields: { failedReason: "HealthFailed", lastHandledRequest: "1" } }, signal);
  expect(at.status).toEqual({ conditions: [], failedReason: "HealthFailed", lastHandledRequest: "1" });
  await writer.write({}, signal);
  expect(at.requests).toBe(2);
});

test("the status of an object that was deleted is not written, and nothing counts as if it was", async () => {
  const { at, writer } = server();
  at.next.push("gone");
  await expect(writer.write({ fields: { lastHandledRequest: "1" } }, signal)).rejects.toMatchObject({
    code: "NotFound",
  });
  expect(writer.current).toEqual({});
});

test("what was written counts, however late the watch shows it", async () => {
  const { at, writer } = server();
  await writer.write({ fields: { lastHealthyRevision: "main@sha1:a" } }, signal);
  expect(writer.current.lastHealthyRevision).toBe("main@sha1:a");
  await writer.write({ fields: { lastHealthyRevision: "main@sha1:a" } }, signal);
  expect(at.requests).toBe(1);
});

test("a pass that has ended says of which generation it was, one under way does not", async () => {
  const { at, writer } = server();
  await writer.write({ fields: { lastHandledRequest: "1" } }, signal);
  expect(at.status.observedGeneration).toBeUndefined();
  await writer.conclude({}, signal);
  expect(at.status.observedGeneration).toBe(1);
});

test("a condition keeps the time of its transition while its status stays the same", async () => {
  vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00.750Z") });
  const { writer } = server();
  const ready = (status: "True" | "False", message: string) => ({
    conditions: [{ type: "Ready", status, reason: "Succeeded", message } as const],
  });
  const times: (string | undefined)[] = [];
  for (const change of [ready("True", "a"), ready("True", "b"), ready("False", "c")]) {
    await writer.write(change, signal);
    times.push(conditionOf(writer.current, "Ready")?.lastTransitionTime);
    vi.setSystemTime(Date.now() + 60_000);
  }
  vi.useRealTimers();
  expect(times).toEqual(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:02:00Z"]);
});

const fate = fc.constantFrom<Fate>("written", "lost", "refused", "conflict");
const fields = fc.record(
  {
    lastHandledRequest: fc.constantFrom("1", "2", null),
    failedReason: fc.constantFrom("HealthFailed", null),
    attempt: fc.oneof(
      fc.constant(null),
      fc.record(
        { revision: fc.constantFrom("a", "b"), created: fc.constant(["x"]), failed: fc.constant("f") },
        { requiredKeys: ["revision"] },
      ),
    ),
  },
  { requiredKeys: [] },
);

test("whatever becomes of writes: after one that is answered, the server has what the writer says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fields, fate), { maxLength: 8 }), fields, async (writes, last) => {
      const { at, writer } = server();
      for (const [change, becomes] of writes) {
        at.next = [becomes];
        await writer.write({ fields: change as object }, signal).catch(() => undefined);
      }
      at.next = [];
      await writer.write({ fields: last as object }, signal);
      expect(at.status).toEqual(writer.current);
    }),
  );
});
