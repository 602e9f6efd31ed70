/** A stage is applied within its timeout; an API server that is slow says nothing against the revision. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { never, settings, stageOf } from "../../../test/rollout/objects.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { formatId } from "../../model/object-id.ts";
import type { PlannedAction } from "../../model/plan.ts";
import { applyInTime } from "./in-time.ts";
import type { StageWrites } from "./stage-writes.ts";

const manifest = manifestOf(settings("web"));
const key = formatId(manifest.id);
const action: PlannedAction = { id: manifest.id, version: "v1", stage: "", action: { type: "create" } };
const writes: StageWrites = {
  actions: [action],
  manifests: new Map([[key, manifest]]),
  objects: new Map([[key, manifest.object]]),
  deferred: new Set(),
  force: false,
  seen: { observed: new Map(), left: new Map(), at: performance.now(), isFirst: true },
  by: { owner: { name: "own", namespace: "mooring-system" }, owned: new Set() },
};

/** A target whose API server takes for ever to answer an apply. */
function slow() {
  const fake = new FakeCluster();
  const apply: Cluster["apply"] = (_object, _options, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  return fake.target({ cluster: { ...fake.cluster, apply } });
}

test("what is applied in time is answered with its version", async () => {
  const fake = new FakeCluster();
  const { versions, revised } = await applyInTime(fake.target(), stageOf([]), writes, never);
  expect([[...versions], [...revised]]).toEqual([[[key, "1"]], []]);
});

test.each([
  ["", "the API server did not accept the objects within 0.05 s"],
  ["second", "the API server did not accept the objects of stage second within 0.05 s"],
])("time that is up is told of stage %j", async (name, message) => {
  await expect(applyInTime(slow(), { name, timeoutMs: 50 }, writes, never)).rejects.toMatchObject({
    code: "ClusterUnreachable",
    problems: [{ message, hint: expect.stringContaining("timeout") }],
  });
});

test("an interruption is that, also where time is nearly up", async () => {
  const stop = new AbortController();
  const reason = new Failure("Interrupted", { message: "a newer commit" });
  const applying = applyInTime(slow(), { name: "", timeoutMs: 60_000 }, writes, stop.signal);
  stop.abort(reason);
  await expect(applying).rejects.toBe(reason);
});

test("a refusal is that", async () => {
  const fake = new FakeCluster();
  fake.refuse = () => new Failure("AdmissionDenied", { message: "no" });
  await expect(applyInTime(fake.target(), stageOf([]), writes, never)).rejects.toMatchObject({
    code: "AdmissionDenied",
  });
});
