import { expect, test, vi } from "vitest";
import { MemoryCluster } from "../../test/support/memory-cluster/memory-cluster.ts";
import { Failure } from "../model/failure.ts";
import { createEventWriter } from "./events.ts";
import type { NotableEvent } from "./kernel/decision.ts";
import type { Log } from "./log.ts";

const metadata = { name: "web", namespace: "shop", uid: "u" };
const done: NotableEvent = { type: "Normal", reason: "Succeeded", message: "applied" };

/** A writer over a cluster in memory, the events in that, and what was logged. */
function writing(signal = new AbortController().signal) {
  const cluster = new MemoryCluster(undefined, ["shop"]);
  const log = { info: vi.fn(), warn: vi.fn() };
  const writer = createEventWriter(cluster, { reporter: "agent-1", log: log as unknown as Log }, signal);
  const events = () => cluster.store.all("/Event/");
  return { cluster, log, writer, events };
}

test("an event is logged, and written about its resource", async () => {
  const { log, writer, events } = writing();
  writer.record({ kind: "Environment", metadata }, done);
  expect(log.info).toHaveBeenCalledExactlyOnceWith({ environment: "shop/web", reason: "Succeeded" }, "applied");
  await expect.poll(events).toMatchObject([
    {
      metadata: { namespace: "shop" },
      involvedObject: { kind: "Environment", name: "web", namespace: "shop", uid: "u" },
      ...{ type: "Normal", reason: "Succeeded", message: "applied", reportingInstance: "agent-1" },
    },
  ]);
});

test("a warning is logged as one, with the kind that it is about", () => {
  const { log, writer } = writing();
  writer.record({ kind: "Promotion", metadata }, { ...done, type: "Warning", reason: "HeadMoved" });
  expect(log.warn).toHaveBeenCalledExactlyOnceWith({ promotion: "shop/web", reason: "HeadMoved" }, "applied");
});

test("what is for the log only is not written", async () => {
  const { log, writer, events } = writing();
  writer.record({ kind: "Environment", metadata }, { ...done, logOnly: true });
  await new Promise((resolve) => setImmediate(resolve));
  expect([log.info.mock.calls.length, events()]).toEqual([1, []]);
});

test.each([
  { ended: false, warnings: 1 },
  { ended: true, warnings: 0 },
])("an event that cannot be written is only logged; the agent has ended: $ended", async ({ ended, warnings }) => {
  const ending = new AbortController();
  const { cluster, log, writer } = writing(ending.signal);
  const tried = Promise.withResolvers<void>();
  cluster.before = async () => {
    if (ended) ending.abort();
    tried.resolve();
    throw new Failure("Forbidden", { message: "no" });
  };
  writer.record({ kind: "Environment", metadata }, done);
  await tried.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect(log.warn).toHaveBeenCalledTimes(warnings);
});
