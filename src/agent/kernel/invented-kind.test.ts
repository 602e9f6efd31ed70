/** What a new kind of resource costs: a schema, a pass and a decider. Everything else is the kernel's. */
import Type, { type Static } from "typebox";
import { expect, test } from "vitest";
import { MemoryCluster } from "../../../test/support/memory-cluster/memory-cluster.ts";
import { apiVersion } from "../../api/names.ts";
import { narrowSpec } from "../../api/narrow-spec.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, ObjectMeta } from "../../model/manifest.ts";
import { createController } from "./controller.ts";
import type { Decision, Ended, NotableEvent } from "./decision.ts";
import { createPassRecorder } from "./recorder.ts";
import { type Run, type Runner, startRunner } from "./runner.ts";
import type { AnyStatus } from "./status-writer.ts";

const GreetingSpec = Type.Object({ name: Type.String(), interval: Type.Optional(Type.Number()) });
type GreetingStatus = AnyStatus & { readonly greeted?: string };
interface Greeting {
  readonly metadata: ObjectMeta;
  readonly spec: Static<typeof GreetingSpec>;
  readonly status: GreetingStatus;
}

const read = ({ metadata, spec, status }: KubeObject): Greeting => ({
  metadata,
  spec: narrowSpec(GreetingSpec, spec, metadata.name),
  status: (status ?? {}) as GreetingStatus,
});

async function greet({ resource: { spec } }: Run<Greeting, GreetingStatus>): Promise<string> {
  if (spec.name === "nobody") throw new Failure("NotFound", { message: "nobody is there" });
  return `hello, ${spec.name}`;
}

function decide(ended: Ended<string>): Decision<GreetingStatus> {
  const fine = ended.type === "outcome";
  const message = fine ? ended.outcome : ended.failure.message;
  const reason = fine ? "Greeted" : "NotGreeted";
  return {
    status: {
      conditions: [{ type: "Ready", status: fine ? "True" : "False", reason, message }],
      fields: { greeted: fine ? message : null },
    },
    event: { type: fine ? "Normal" : "Warning", reason, message },
    requeueMs: 60_000,
  };
}

test("a new kind of resource is a schema, a pass and a decider", async () => {
  const signal = new AbortController().signal;
  // It serves no greetings, so they go by another name there.
  const cluster = new MemoryCluster(undefined, ["shop"]);
  const events: string[] = [];
  const controller = createController<KubeObject, Runner<Greeting, GreetingStatus>>({
    start(object) {
      const recorder = createPassRecorder<Run<Greeting, GreetingStatus>, string, GreetingStatus, string, NotableEvent>({
        decide,
        subject: ({ resource }) => resource.metadata.name,
        emit: (name, { reason }) => void events.push(`${name}: ${reason}`),
        status: { writerOf: ({ status }) => status, unwritten: () => undefined },
      });
      return startRunner({ cluster, kind: "Promotion", read, begin: (run) => run, pass: greet, recorder }, object);
    },
  });
  const ref = { apiVersion, kind: "Promotion", namespace: "shop", name: "a" };
  const statusOf = async () => (await cluster.get(ref, signal))?.status;
  const spec = { name: "world" };
  controller.put(await cluster.create({ ...ref, metadata: { name: "a", namespace: "shop" }, spec }, signal));
  await expect.poll(statusOf).toMatchObject({ greeted: "hello, world", observedGeneration: 1 });
  controller.put(await cluster.patch(ref, { type: "merge", body: { spec: { name: "nobody" } } }, {}, signal));
  await expect
    .poll(statusOf)
    .toMatchObject({ observedGeneration: 2, conditions: [{ status: "False", message: "nobody is there" }] });
  expect(events).toEqual(["a: Greeted", "a: NotGreeted"]);
  await controller.close();
});
