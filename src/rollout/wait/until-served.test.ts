/** A kind is used when the API server serves it: every version that its definition says is served. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { definition, never } from "../../../test/rollout/objects.ts";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { waitUntilServed } from "./until-served.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const type = { group: "example.com", version: "v1", kind: "Widget", plural: "widgets", namespaced: true, verbs: [] };

/** A cluster that serves a version from so many questions on, and shows the definition with these conditions. */
function servingAfter(questions: Readonly<Record<string, number>>, conditions: KubeObject["metadata"]["x"][] = []) {
  const asked: string[] = [];
  const reads: number[] = [];
  const resource: Cluster["resource"] = async (apiVersion, kind): Promise<ResourceType | undefined> => {
    asked.push(`${apiVersion} ${kind}`);
    const times = asked.filter((each) => each === `${apiVersion} ${kind}`).length;
    return times > (questions[apiVersion] ?? Number.POSITIVE_INFINITY) ? type : undefined;
  };
  const get: Cluster["get"] = async () => {
    reads.push(asked.length);
    return { ...definition("Widget"), status: { conditions } } as KubeObject;
  };
  return { cluster: { resource, get }, asked, reads };
}

const widgets = (...versions: readonly string[]) => manifestOf(definition("Widget", versions));

test("all served versions of all definitions are waited for, one after the other", async () => {
  const { cluster, asked } = servingAfter({ "example.com/v1": 1, "example.com/v2": 0 });
  const waiting = waitUntilServed(cluster, [widgets("v1", "v2"), manifestOf(definition("Gadget", ["v2"]))], never);
  await vi.advanceTimersByTimeAsync(100);
  await waiting;
  expect(asked).toEqual([
    "example.com/v1 Widget",
    "example.com/v1 Widget",
    "example.com/v2 Widget",
    "example.com/v2 Gadget",
  ]);
});

test("a version that is not served need not be", async () => {
  const { cluster, asked } = servingAfter({});
  const object = definition("Widget", ["v1"]);
  const spec = { group: "example.com", names: { kind: "Widget" }, versions: [{ name: "v1", served: false }] };
  await waitUntilServed(cluster, [manifestOf({ ...object, spec })], never);
  await waitUntilServed(cluster, [], never);
  expect(asked).toEqual([]);
});

test("a definition that the API server has not accepted is a failure within about a second", async () => {
  const { cluster, reads } = servingAfter({}, [
    { type: "NamesAccepted", status: "False", reason: "PluralConflict", message: "already in use" },
  ]);
  const waiting = waitUntilServed(cluster, [widgets("v1")], never).catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await waiting).toMatchObject({
    code: "HealthFailed",
    problems: [
      { file: "widgets.example.com.yaml", object: expect.stringContaining("CustomResourceDefinition/widgets") },
    ],
  });
  expect(reads).toEqual([10]);
});

test("what is not served when time is up is told with its file and version", async () => {
  const { cluster, reads } = servingAfter({});
  const limit = new AbortController();
  const waiting = waitUntilServed(cluster, [widgets("v1")], limit.signal).catch((thrown: unknown) => thrown);
  await vi.advanceTimersByTimeAsync(3_000);
  limit.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  expect(await waiting).toMatchObject({
    code: "HealthTimeout",
    problems: [{ file: "widgets.example.com.yaml", message: "Widget is not served in example.com/v1 yet" }],
  });
  expect(reads.length).toBe(3);
});

test("an API server that does not answer is thrown as that", async () => {
  const away = new Failure("ClusterUnreachable", { message: "connection refused" });
  const cluster = { resource: () => Promise.reject(away), get: async () => undefined };
  await expect(waitUntilServed(cluster, [widgets("v1")], never)).rejects.toBe(away);
});
