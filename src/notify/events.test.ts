import { expect, test } from "vitest";
import { MemoryCluster } from "../../test/support/memory-cluster/memory-cluster.ts";
import type { KubeObject } from "../model/manifest.ts";
import { type ResourceEvent, writeEvent } from "./events.ts";

const { signal } = new AbortController();
const metadata = { name: "web", namespace: "shop", uid: "u", resourceVersion: "7" };

/** An event as it is written. */
async function written(event: Partial<ResourceEvent>): Promise<KubeObject | undefined> {
  const cluster = new MemoryCluster(undefined, ["shop"]);
  const whole: ResourceEvent = { type: "Normal", reason: "Succeeded", message: "applied", ...event };
  await writeEvent(cluster, { kind: "Environment", metadata, reporter: "agent-1" }, whole, signal);
  return cluster.store.all("/Event/")[0];
}

test("an event is about its resource, in the shape of core/v1", async () => {
  expect(await written({})).toMatchObject({
    ...{ apiVersion: "v1", kind: "Event", type: "Normal", reason: "Succeeded", message: "applied", count: 1 },
    metadata: { name: expect.stringMatching(/^web\.[0-9a-f]{16}$/), namespace: "shop" },
    involvedObject: {
      ...{ apiVersion: "mooring.dev/v1alpha1", kind: "Environment", name: "web", namespace: "shop" },
      ...{ uid: "u", resourceVersion: "7" },
    },
    ...{ reportingComponent: "mooring.dev/agent", reportingInstance: "agent-1" },
    firstTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
});

test.each<readonly [string, Partial<ResourceEvent>, string]>([
  ["the lines of a log follow the message", { message: "crashes", logs: ["one", "two"] }, "crashes\none\ntwo"],
  [
    "the oldest lines go first where not all fit",
    { message: "crashes", logs: ["x".repeat(1_020), "two"] },
    "crashes\ntwo",
  ],
  ["none stays where the message takes all the room", { message: "m".repeat(1_024), logs: ["one"] }, "m".repeat(1_024)],
])("%s", async (_what, event, message) => {
  expect((await written(event))?.message).toBe(message);
});

test("a message is cut at the 1,024 characters that the API server takes", async () => {
  expect(String((await written({ message: "m".repeat(3_000) }))?.message)).toHaveLength(1_024);
});
