import { describe, expect, test } from "vitest";
import type { Patch } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { isObject } from "../../model/json/json.ts";
import type { KubeObject, ObjectMeta } from "../../model/manifest.ts";
import type { PassRecorder } from "./recorder.ts";
import { type Run, type RunnerOptions, startRunner } from "./runner.ts";
import type { AnyStatus } from "./status-writer.ts";

interface Thing {
  readonly metadata: ObjectMeta;
  readonly status: AnyStatus;
}
type ThingRun = Run<Thing, AnyStatus>;

const object = (
  generation: number,
  more: { readonly annotation?: string; readonly bad?: boolean } = {},
): KubeObject => ({
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Thing",
  metadata: { name: "a", namespace: "shop", generation, annotations: { asks: more.annotation ?? "" } },
  ...(more.bad === true ? { bad: true } : {}),
});

/** A runner of things, what it does in order, and the statuses that it writes. */
function running(how: Partial<RunnerOptions<Thing, AnyStatus, ThingRun, string>> = {}) {
  const log: string[] = [];
  const patches: { readonly name: string; readonly generation: unknown }[] = [];
  const cluster = {
    async patch(ref: { readonly name: string }, patch: Patch) {
      const status = patch.type === "merge" && isObject(patch.body.status) ? patch.body.status : {};
      patches.push({ name: ref.name, generation: status.observedGeneration });
      return object(0);
    },
  };
  const recorder: PassRecorder<ThingRun, string> = {
    async outcome({ status }, outcome, signal) {
      await status.conclude({ fields: {} }, signal);
      log.push(outcome);
      return undefined;
    },
    async error({ resource }, { code }) {
      log.push(`${code} of generation ${resource.metadata.generation}`);
      return undefined;
    },
  };
  const runner = startRunner<Thing, AnyStatus, ThingRun, string>(
    {
      cluster,
      kind: "Thing",
      read(read) {
        if (read.bad === true) throw new Failure("SpecInvalid", { message: "no" });
        return { metadata: read.metadata, status: {} };
      },
      begin: (run) => run,
      pass: async ({ resource }) => `generation ${resource.metadata.generation}`,
      recorder,
      ...how,
    },
    object(1),
  );
  return { runner, log, patches };
}

describe("a change", () => {
  test("of the generation makes a pass, one of the status does not", async () => {
    const { runner, log, patches } = running();
    await expect.poll(() => log).toEqual(["generation 1"]);
    runner.update({ ...object(1), status: { ready: true } });
    runner.update(object(2));
    await expect.poll(() => log).toEqual(["generation 1", "generation 2"]);
    expect(patches).toEqual([
      { name: "a", generation: 1 },
      { name: "a", generation: 2 },
    ]);
    await runner.close();
  });

  test("of whatever else the kind is triggered by makes one too", async () => {
    const { runner, log } = running({ trigger: ({ metadata }) => metadata.annotations?.asks ?? "" });
    await expect.poll(() => log).toHaveLength(1);
    runner.update(object(2));
    runner.update(object(2, { annotation: "now" }));
    await expect.poll(() => log).toEqual(["generation 1", "generation 2"]);
    await runner.close();
  });

  test.each([
    { interrupts: true, ends: ["Interrupted: the Thing was changed"] },
    { interrupts: false, ends: [] },
  ])("ends the pass under way: $interrupts", async ({ interrupts, ends }) => {
    const gate = Promise.withResolvers<string>();
    const ended: string[] = [];
    const { runner, log } = running({
      interrupts,
      async pass({ resource }, signal) {
        if (resource.metadata.generation !== 1) return "second";
        signal.addEventListener("abort", () => {
          ended.push(`${signal.reason.code}: ${signal.reason.message}`);
          gate.reject(signal.reason);
        });
        return gate.promise;
      },
    });
    await expect.poll(() => runner.resource).toBeDefined();
    runner.update(object(2));
    gate.resolve("first");
    await expect.poll(() => log.at(-1)).toBe("second");
    expect(ended).toEqual(ends);
    await runner.close();
  });

  test("is told with what was before, whether it is a trigger or not", () => {
    const seen: (number | undefined)[][] = [];
    const { runner } = running({
      updated: (before, now) => void seen.push([before.metadata.generation, now.metadata.generation]),
    });
    runner.update(object(1));
    runner.update(object(2));
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(runner.object.metadata.generation).toBe(2);
    return runner.close();
  });
});

test("an object that cannot be read any more fails with what was read last", async () => {
  const { runner, log } = running();
  await expect.poll(() => log).toHaveLength(1);
  runner.update(object(2, { bad: true }));
  await expect.poll(() => log).toEqual(["generation 1", "SpecInvalid of generation 1"]);
  expect(runner.resource?.metadata.generation).toBe(1);
  await runner.close();
});

test("that it cannot be read is said of the generation that cannot be read", async () => {
  const { runner, patches } = running({
    recorder: {
      outcome: async () => undefined,
      async error({ status }, _failure, signal) {
        await status.conclude({ fields: {} }, signal);
        return undefined;
      },
    },
  });
  await expect.poll(() => runner.busy).toBe(false);
  runner.update(object(2, { bad: true }));
  await expect.poll(() => patches).toEqual([{ name: "a", generation: 2 }]);
  await runner.close();
});

test("a pass that takes another writer concludes with that one", async () => {
  const other: string[] = [];
  const { runner, log, patches } = running({
    async pass({ resource }) {
      const writer = runner.statusFrom({ ...resource, metadata: { ...resource.metadata, name: "restored" } });
      runner.useStatus(writer);
      other.push("taken");
      return "ok";
    },
  });
  await expect.poll(() => log).toEqual(["ok"]);
  expect([other, patches]).toEqual([["taken"], [{ name: "restored", generation: 1 }]]);
  await runner.close();
});

test("a writer that is dropped is made again from the object as it is then", async () => {
  const { runner, log, patches } = running();
  await expect.poll(() => log).toHaveLength(1);
  runner.wake();
  await expect.poll(() => log).toHaveLength(2);
  // The second pass had nothing new to write.
  expect(patches).toHaveLength(1);
  runner.useStatus(undefined);
  expect(runner.status).toBeUndefined();
  runner.wake();
  await expect.poll(() => patches).toHaveLength(2);
  await runner.close();
});

test("closing frees what belongs to the object once nothing runs any more", async () => {
  const log: string[] = [];
  const { runner } = running({
    async pass(_run, signal) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      log.push("ended");
      return "ok";
    },
    close: () => void log.push("freed"),
  });
  await expect.poll(() => runner.busy).toBe(true);
  await runner.close();
  expect([log, runner.busy]).toEqual([["ended", "freed"], false]);
});
