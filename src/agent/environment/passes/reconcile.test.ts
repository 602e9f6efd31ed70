/** What a pass does with an Environment that is suspended, or being deleted. */
import { describe, expect, test } from "vitest";
import { FakeCluster } from "../../../../test/rollout/fake-cluster.ts";
import { type Condition, setConditions } from "../../../api/conditions.ts";
import { readEnvironment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { finalizer, ownerLabels } from "../../../api/names.ts";
import type { Cluster, ObjectRef } from "../../../cluster/index.ts";
import { Failure } from "../../../model/failure.ts";
import type { PassTarget } from "../bindings/bindings.ts";
import type { StatusChange } from "../decisions/decision.ts";
import type { RecordedPass } from "../decisions/recorder.ts";
import { type ReconcileContext, reconcileEnvironment } from "./reconcile.ts";

const { signal } = new AbortController();
const entries = [
  { id: "shop_a__ConfigMap", v: "v1" },
  { id: "shop_b__ConfigMap", v: "v1" },
];
const condition = (type: Condition["type"], status: Condition["status"]): Condition => ({
  ...{ type, status, reason: "Progressing", message: "" },
  ...{ lastTransitionTime: "2026-01-01T00:00:00Z", observedGeneration: 1 },
});

interface Scene {
  readonly spec?: object;
  readonly status?: EnvironmentStatus;
  /** How long ago it was deleted; it is not being deleted without. */
  readonly deletedMs?: number;
  readonly finalizers?: readonly string[];
  readonly fake?: FakeCluster;
}

/** One pass over an Environment that owns two ConfigMaps, and everything that came of it. */
async function reconciled({ spec, status = {}, deletedMs, finalizers = [finalizer], fake = new FakeCluster() }: Scene) {
  const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
  for (const name of ["a", "b"])
    fake.put({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", labels } });
  const log: string[] = [];
  const deleted = deletedMs === undefined ? {} : { deletionTimestamp: new Date(Date.now() - deletedMs).toISOString() };
  const environment = readEnvironment({
    metadata: { name: "own", namespace: "mooring-system", generation: 1, finalizers, ...deleted },
    spec: { source: { url: "https://git.invalid/e" }, timeout: "5m", ...spec },
    status: { inventory: { entries }, ...status },
  });
  let current = environment.status;
  const write = async ({ conditions = [], fields = {} }: StatusChange) => {
    for (const { type, status: is, reason } of conditions) log.push(`${type}=${is} ${reason}`);
    const at = { now: "2026-01-01T00:00:00Z", generation: 1 };
    current = { ...current, ...fields, conditions: setConditions(current.conditions ?? [], conditions, at) } as never;
  };
  const pass: RecordedPass = {
    ...{ environment, source: undefined, attempted: undefined, started: new Date() },
    status: {
      get current() {
        return current;
      },
      write,
      conclude: write,
    },
  };
  const cluster = {
    patch: async ({ name }: ObjectRef, { body }: { readonly body: { readonly metadata: { finalizers: string[] } } }) =>
      void log.push(`finalizers of ${name}: [${body.metadata.finalizers.join()}]`),
  } as unknown as Cluster;
  const slot = { ...{ prioritize: () => undefined, releaseWhile: (wait: () => Promise<unknown>) => wait() } };
  const target = async () =>
    ({
      ...fake.target(),
      slot: { ...slot, acquire: async () => void log.push("acquired"), release: () => void log.push("released") },
    }) as unknown as PassTarget;
  const context = {
    ...{ cluster, bindings: { target }, crossNamespaceRefs: true, closing: signal },
    tools: { forPass: () => Promise.reject(new Error("rolled out")) },
    callbacks: { logFailure: (_what: string, { code }: Failure) => void log.push(`logged ${code}`) },
    record: (_environment: object, { reason }: { readonly reason: string }) => void log.push(`event ${reason}`),
    abandoned: () => void log.push("counted"),
  } as unknown as ReconcileContext;
  const outcome = await reconcileEnvironment(context, pass, signal).catch((thrown: Failure) => ({ type: thrown.code }));
  return { outcome: outcome.type, writes: fake.writes, log };
}

const gone = ["delete ConfigMap/b", "delete ConfigMap/a"];
const letGo = "finalizers of own: []";

describe("while it is suspended", () => {
  test("a rollout that was under way is said to wait", async () => {
    const status = { conditions: [condition("Reconciling", "True")] };
    expect(await reconciled({ spec: { suspend: true }, status })).toEqual({
      ...{ outcome: "suspended", writes: [] },
      log: ["Ready=Unknown Suspended", "Reconciling=False Suspended", "Stalled=False Suspended"],
    });
  });

  test("nothing else is said, and nothing done", async () => {
    expect(await reconciled({ spec: { suspend: true } })).toEqual({ outcome: "suspended", writes: [], log: [] });
  });
});

describe("its deletion", () => {
  const minute = 60_000;

  test.each<readonly [string, Scene, readonly string[]]>([
    ["deletes what it owns", {}, gone],
    ["deletes nothing where it does not prune", { spec: { prune: false } }, []],
    ["deletes all the same where the policy says so", { spec: { prune: false, deletionPolicy: "Delete" } }, gone],
    ["deletes nothing where its objects are to stay", { spec: { deletionPolicy: "Orphan" } }, []],
    ["deletes nothing while it is suspended", { spec: { suspend: true } }, []],
  ])("%s", async (_what, scene, writes) => {
    const { outcome, log, ...came } = await reconciled({ ...scene, deletedMs: minute });
    expect([outcome, [...came.writes].sort(), log.at(-1)]).toEqual(["deleted", [...writes].sort(), letGo]);
  });

  test("is none of Mooring's business without its finalizer", async () => {
    const came = await reconciled({ deletedMs: minute, finalizers: ["example.com/other"] });
    expect(came).toEqual({ outcome: "deleted", writes: [], log: [] });
  });

  test("leaves the finalizers of others", async () => {
    const { log } = await reconciled({ deletedMs: minute, finalizers: [finalizer, "example.com/other"] });
    expect(log.at(-1)).toBe("finalizers of own: [example.com/other]");
  });

  test("holds the slot as long as it deletes", async () => {
    const { log } = await reconciled({ deletedMs: minute });
    expect(log).toEqual(["acquired", "released", letGo]);
  });

  test("is held where it would delete too much: nothing is deleted, and the finalizer stays", async () => {
    const spec = { deletionGuard: { maxObjects: 1 } };
    const { outcome, writes, log } = await reconciled({ spec, deletedMs: minute });
    expect([outcome, writes, log]).toEqual(["deletionHeld", [], ["acquired", "released"]]);
  });

  test("is no longer held once it is approved, and says so first", async () => {
    const status = { conditions: [condition("Held", "True")] };
    const { outcome, log } = await reconciled({ status, deletedMs: minute });
    expect([outcome, log]).toEqual(["deleted", ["acquired", "Held=False NotHeld", "released", letGo]]);
  });

  test("is tried again while its time is not up", async () => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb }) => (verb === "delete" ? new Failure("Forbidden", { message: "no" }) : undefined);
    const { outcome, log } = await reconciled({ fake, deletedMs: minute });
    expect([outcome, log]).toEqual(["Forbidden", ["acquired", "released"]]);
  });

  test("is given up once its time is up: that is logged, counted and an event before the finalizer goes", async () => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb }) => (verb === "delete" ? new Failure("Forbidden", { message: "no" }) : undefined);
    const { outcome, log } = await reconciled({ fake, deletedMs: 6 * minute });
    expect(outcome).toBe("abandoned");
    expect(log).toEqual(["acquired", "released", "counted", "logged Forbidden", "event DeletionAbandoned", letGo]);
  });

  test("has its whole time from the approval on", async () => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb }) => (verb === "delete" ? new Failure("Forbidden", { message: "no" }) : undefined);
    const approved = { ...condition("Held", "False"), lastTransitionTime: new Date().toISOString() };
    const { outcome } = await reconciled({ fake, deletedMs: 6 * minute, status: { conditions: [approved] } });
    expect(outcome).toBe("Forbidden");
  });
});
