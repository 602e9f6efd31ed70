import { expect, test } from "vitest";
import { readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Cluster, Patch } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject, type JsonObject } from "../../model/json/json.ts";
import { createStatusWriter } from "../environment/status/status.ts";

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

/** What the API server holds, and how the next writes go: `lost` is written, and its answer lost. */
function server() {
  const at = { status: {} as JsonObject, requests: 0, next: [] as ("lost" | "refused")[] };
  const cluster: Pick<Cluster, "patch"> = {
    async patch(ref, patch: Patch) {
      at.requests += 1;
      const how = at.next.shift();
      const body = patch.type === "merge" && isObject(patch.body.status) ? patch.body.status : {};
      if (how !== "refused") at.status = merge(at.status, body);
      if (how !== undefined) throw new Failure("ClusterUnreachable", { message: "no answer" });
      return { apiVersion, kind: "Environment", metadata: { name: ref.name } };
    },
  };
  const metadata = { name: "shop", namespace: "team", generation: 1 };
  const spec = { source: { url: "https://git.example.com/x.git" }, path: "." };
  const environment = readEnvironment({ apiVersion, kind: "Environment", metadata, spec });
  return { at, writer: createStatusWriter(cluster as Cluster, environment, () => 1) };
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
