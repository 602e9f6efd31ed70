import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { fakeConnection, statusOf } from "../../../test/cluster/fake-connection.ts";
import { Failure } from "../../model/failure.ts";
import type { ResourceType, WatchEvent } from "../cluster.ts";
import type { StreamAnswer } from "../http/connection.ts";
import { openWatch } from "./watch-stream.ts";

const secrets: ResourceType = {
  ...{ group: "", version: "v1", kind: "Secret", plural: "secrets", namespaced: true },
  verbs: ["watch"],
};
const options = { resourceVersion: "7", timeoutSeconds: 300, silenceMs: 60_000 };
const { signal } = new AbortController();

/** Watches a server that sends these lines, to the end. */
async function watch(answer: StreamAnswer, more: object = {}, ends: AbortSignal = signal) {
  const connection = fakeConnection(() => answer);
  const events: WatchEvent[] = [];
  const over = (async () => {
    for await (const event of openWatch(connection, secrets, { ...options, ...more }, ends)) events.push(event);
  })();
  const failure = await over.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { connection, events, failure };
}

const sends = (...lines: readonly string[]): StreamAnswer => ({
  status: 200,
  body: undefined,
  stream: Readable.from(lines.map((line) => Buffer.from(`${line}\n`))),
});
const event = (type: string, object: object) => JSON.stringify({ type, object });
const metadata = { name: "a", namespace: "shop", resourceVersion: "8" };

test("events are those of the API, with the names of the kind", async () => {
  const { events, failure } = await watch(
    sends(
      event("ADDED", { metadata, data: { key: "dg==" } }),
      event("DELETED", { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata }),
      event("BOOKMARK", { metadata: { resourceVersion: "9" } }),
      event("BOOKMARK", {}),
    ),
  );
  const named = { apiVersion: "v1", kind: "Secret", metadata };
  expect(failure).toBeUndefined();
  expect(events).toEqual([
    { type: "OPENED" },
    { type: "ADDED", object: { ...named, data: { key: "dg==" } } },
    { type: "DELETED", object: named },
    { type: "BOOKMARK", resourceVersion: "9" },
    { type: "BOOKMARK", resourceVersion: "" },
  ]);
});

test.each([
  ["all namespaces", {}, "/api/v1/secrets?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300"],
  [
    "one namespace by label",
    { namespace: "shop", labelSelector: "app=web" },
    "/api/v1/namespaces/shop/secrets?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300&labelSelector=app%3Dweb",
  ],
])("%s", async (_, more, path) => {
  const { connection } = await watch(sends(), more);
  expect(connection.sent).toEqual([`GET ${path}`]);
});

test("metadata alone are asked for by the Accept header", async () => {
  const { connection } = await watch(sends(), { metadataOnly: true });
  expect(connection.requests[0]?.accept).toBe("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
});

// `newestVersionTooLarge` and `NewGone` of apiserver, as an answer and as an ERROR event.
describe("a version that is no longer kept, or not reached yet", () => {
  const tooLarge = { details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large" }] } };

  test.each<readonly [string, StreamAnswer]>([
    ["410 as the answer", statusOf(410, "Expired")],
    ["504 as the answer", statusOf(504, "Timeout", tooLarge)],
  ])("%s", async (_, answer) => {
    expect(await watch(answer)).toMatchObject({ events: [{ type: "EXPIRED" }], failure: undefined });
  });

  test.each([
    ["410", { code: 410, reason: "Expired" }],
    ["504", { code: 504, ...tooLarge }],
  ])("%s under way", async (_, status) => {
    const { events } = await watch(sends(event("ERROR", { kind: "Status", ...status })));
    expect(events).toEqual([{ type: "OPENED" }, { type: "EXPIRED" }]);
  });
});

describe("what ends a watch with a failure", () => {
  test.each<readonly [string, StreamAnswer, string]>([
    ["a refusal", statusOf(403, "Forbidden", { message: 'User "x" cannot watch secrets' }), "Forbidden"],
    ["a kind that is gone", { status: 404, body: undefined }, "KindUnknown"],
    ["a time-out that is not about the version", statusOf(504, "Timeout"), "ClusterUnreachable"],
    ["an ERROR event", sends(event("ERROR", { kind: "Status", code: 500, reason: "InternalError" })), "ClusterBusy"],
    ["half a line", sends('{"type":"ADDED","object":{"metadata":{"name":"tok'), "ClusterUnreachable"],
    ["a line that is no object", sends("[1]"), "ClusterUnreachable"],
    ["an object without a name", sends(event("ADDED", { metadata: {} })), "ClusterUnreachable"],
  ])("%s", async (_, answer, code) => {
    expect((await watch(answer)).failure).toMatchObject({ code });
  });

  test("never quotes what was sent: it may be a Secret", async () => {
    const { failure } = await watch(sends('{"type":"ADDED","object":{"data":{"token":"hunter2"'));
    expect(JSON.stringify((failure as Failure).problems)).not.toContain("hunter2");
    expect(String(failure)).not.toContain("hunter2");
  });

  test("is the reason of the abort, whatever the connection says of it", async () => {
    const controller = new AbortController();
    const stream = new Readable({ read: () => undefined });
    const watched = watch({ status: 200, body: undefined, stream }, {}, controller.signal);
    await Promise.resolve();
    controller.abort(new Failure("Interrupted", { message: "the watch was closed" }));
    stream.destroy(new Error("aborted"));
    expect((await watched).failure).toMatchObject({ message: "the watch was closed" });
  });
});
