/** An object that comes from another Environment is applied at the version at which it was seen to be that one's. */
import { expect, test } from "vitest";
import { FakeCluster } from "../../../test/rollout/fake-cluster.ts";
import { labelsOf, never, settings } from "../../../test/rollout/objects.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { applyMoved } from "./apply-moved.ts";

const object = settings("web");
const from = { name: "former", namespace: "mooring-system" };
const live = (owner: string | undefined, resourceVersion: string): KubeObject => ({
  ...object,
  metadata: {
    ...{ name: "web", namespace: "shop", resourceVersion },
    ...(owner === undefined ? {} : { labels: labelsOf(owner) }),
  },
});
const conflict = new Failure("Conflict", { message: "has been modified" });

/** A cluster in which an object is seen as these, one after the other, and is applied as these answers say. */
function moving(seen: readonly (KubeObject | undefined)[], answers: readonly (Failure | undefined)[] = []) {
  const sent: (string | undefined)[] = [];
  let reads = 0;
  const fake = new FakeCluster();
  const get: Cluster["get"] = async () => seen[Math.min(reads++, seen.length - 1)];
  const apply: Cluster["apply"] = async (applied, options) => {
    expect(options).toEqual({ dryRun: false, force: true });
    const answer = answers[sent.length];
    sent.push(applied.metadata.resourceVersion);
    if (answer !== undefined) throw answer;
    return { object: applied, created: false };
  };
  return { target: fake.target({ cluster: { ...fake.cluster, get, apply } }), sent };
}

test.each<readonly [what: string, seen: KubeObject | undefined, version: string | undefined]>([
  ["at the version that was seen, while it is the former one's", live("former", "7"), "7"],
  ["at that version, where it is here already", live("own", "8"), "8"],
  ["at that version, where it carries no labels any more", live(undefined, "9"), "9"],
  ["anew, where it is gone", undefined, undefined],
])("%s", async (_what, seen, version) => {
  const { target, sent } = moving([seen]);
  await applyMoved(target, { object, from }, never);
  expect(sent).toEqual([version]);
});

test("not at all where a third Environment has it by now", async () => {
  const { target, sent } = moving([live("third", "7")]);
  await expect(applyMoved(target, { object, from }, never)).rejects.toMatchObject({
    code: "Conflict",
    message: expect.stringContaining("third"),
  });
  expect(sent).toEqual([]);
});

test("again at the new version where somebody wrote meanwhile", async () => {
  const { target, sent } = moving([live("former", "7"), live("former", "8")], [conflict]);
  await applyMoved(target, { object, from }, never);
  expect(sent).toEqual(["7", "8"]);
});

test("not where it went to a third one between two attempts", async () => {
  const { target, sent } = moving([live("former", "7"), live("third", "8")], [conflict]);
  await expect(applyMoved(target, { object, from }, never)).rejects.toMatchObject({ code: "Conflict" });
  expect(sent).toEqual(["7"]);
});

test("five times at most", async () => {
  const { target, sent } = moving([live("former", "7")], Array(9).fill(conflict));
  await expect(applyMoved(target, { object, from }, never)).rejects.toBe(conflict);
  expect(sent).toHaveLength(5);
});

test("once where it is refused", async () => {
  const refusal = new Failure("AdmissionDenied", { message: "no" });
  const { target, sent } = moving([live("former", "7")], [refusal]);
  await expect(applyMoved(target, { object, from }, never)).rejects.toBe(refusal);
  expect(sent).toHaveLength(1);
});
