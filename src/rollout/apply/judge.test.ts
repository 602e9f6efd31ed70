/** What could not be judged before is judged by dry run until it is accepted, or has been refused for ten seconds. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster, manifestOf, type Write } from "../../../test/rollout/fake-cluster.ts";
import { never, settings } from "../../../test/rollout/objects.ts";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { type Judged, judge } from "./judge.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const planned = (object: KubeObject, action: Action = { type: "create" }): PlannedAction => ({
  ...{ id: manifestOf(object).id, version: "v1", stage: "", action },
});

/** Judges these objects, and answers when that has ended with how long it took. */
async function judged(
  target: ApplyTarget,
  objects: readonly (readonly [KubeObject, Action?])[],
  force = false,
): Promise<{ readonly result: Judged; readonly took: number }> {
  const manifests = objects.map(([object]) => manifestOf(object));
  const writes = {
    manifests: new Map(manifests.map((each) => [formatId(each.id), each])),
    objects: new Map(manifests.map((each) => [formatId(each.id), each.object])),
    force,
  };
  const begun = performance.now();
  const judging = judge(
    target,
    writes,
    objects.map(([object, action]) => planned(object, action)),
    never,
  ).then((result) => ({ result, took: performance.now() - begun }));
  judging.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(60_000);
  return judging;
}

const refusing = (code: FailureCode, until = Number.POSITIVE_INFINITY) => {
  const fake = new FakeCluster();
  const begun = performance.now();
  fake.refuse = ({ verb }) =>
    verb === "apply" && performance.now() - begun < until ? new Failure(code, { message: "no" }) : undefined;
  return fake;
};

describe("an object", () => {
  test("that is accepted is done as planned, after half a second for the API server to learn of what was written", async () => {
    const fake = new FakeCluster();
    const { result, took } = await judged(fake.target(), [[settings("web")]]);
    expect(result).toEqual({ actions: [planned(settings("web"))], rejected: new Map() });
    expect(took).toBe(500);
    expect(fake.writes).toEqual([]);
  });

  test("that is accepted after a while is asked about every second until then", async () => {
    const { result, took } = await judged(refusing("AdmissionDenied", 3_000).target(), [[settings("web")]]);
    expect([result.actions.length, result.rejected.size, took]).toEqual([1, 0, 3_500]);
  });

  test("that stays refused for ten seconds is, with its file", async () => {
    const { result, took } = await judged(refusing("AdmissionDenied").target(), [[settings("web")]]);
    expect(result.actions).toEqual([]);
    expect(result.rejected.get("shop_web__ConfigMap")).toMatchObject({
      code: "AdmissionDenied",
      problems: [{ file: "web.yaml", object: "ConfigMap/shop/web", message: "no" }],
    });
    expect(took).toBe(10_500);
  });

  test("that was to be made again, and can be changed after all, is changed", async () => {
    const { result } = await judged(new FakeCluster().target(), [
      [settings("web"), { type: "recreate", changes: [], reason: "field is immutable" }],
    ]);
    expect(result.actions).toEqual([planned(settings("web"), { type: "update", changes: [] })]);
  });

  test("that is skipped is not asked about", async () => {
    const { result, took } = await judged(refusing("AdmissionDenied").target(), [
      [settings("web"), { type: "skip", reason: "ssa: Ignore" }],
    ]);
    expect([result.actions, result.rejected.size, took]).toEqual([[], 0, 0]);
  });
});

describe("an object with an immutable field that changed", () => {
  const immutable = (refuseCreate = false) => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb }: Write) => {
      if (verb === "apply") return new Failure("FieldImmutable", { message: "is immutable", field: "data" });
      return refuseCreate ? new Failure("AdmissionDenied", { message: "not made again" }) : undefined;
    };
    return fake;
  };

  test.each<readonly [what: string, live: KubeObject | undefined, force: boolean, made: "recreate" | FailureCode]>([
    ["is made again where that is allowed", settings("web"), true, "recreate"],
    ["is refused where it is not", settings("web"), false, "FieldImmutable"],
    [
      "is refused where it is to be kept",
      settings("web", { annotations: { "mooring.dev/prune": "disabled" } }),
      true,
      "FieldImmutable",
    ],
    ["is refused where it has gone meanwhile", undefined, true, "FieldImmutable"],
  ])("%s", async (_what, live, force, made) => {
    const fake = immutable();
    if (live !== undefined) fake.put(live);
    const { result } = await judged(fake.target(), [[settings("web")]], force);
    const [action] = result.actions;
    expect(action?.action.type ?? result.rejected.get("shop_web__ConfigMap")?.code).toBe(made);
    if (made === "recreate") expect(action?.action).toMatchObject({ reason: expect.stringContaining("is immutable") });
  });

  test("is not deleted where the new one would be refused", async () => {
    const fake = immutable(true);
    fake.put(settings("web"));
    const { result } = await judged(fake.target(), [[settings("web")]], true);
    expect(result.rejected.get("shop_web__ConfigMap")).toMatchObject({ code: "AdmissionDenied" });
    expect(fake.writes).toEqual([]);
  });
});

test("only what is still refused is asked about again", async () => {
  const fake = new FakeCluster();
  const asked: string[] = [];
  fake.refuse = ({ object }) => {
    asked.push(object.name);
    return object.name === "bad" ? new Failure("QuotaExceeded", { message: "no" }) : undefined;
  };
  const { result } = await judged(fake.target(), [[settings("good")], [settings("bad")]]);
  expect(result.actions.map(({ id }) => id.name)).toEqual(["good"]);
  expect([asked.filter((each) => each === "good").length, asked.filter((each) => each === "bad").length]).toEqual([
    1, 11,
  ]);
});

test("its slot is released during every pause", async () => {
  let [released, asked] = [0, 0];
  const fake = refusing("AdmissionDenied", 2_000);
  const { refuse } = fake;
  fake.refuse = (write) => {
    asked += 1;
    return refuse(write);
  };
  const slot: ApplyTarget["slot"] = {
    releaseWhile: (wait) => {
      released += 1;
      return wait();
    },
  };
  await judged(fake.target({ slot }), [[settings("web")]]);
  expect([released, asked]).toEqual([3, 3]);
});

test("an API server that does not answer says nothing against an object", async () => {
  await expect(judged(refusing("ClusterUnreachable").target(), [[settings("web")]])).rejects.toMatchObject({
    code: "ClusterUnreachable",
  });
});
