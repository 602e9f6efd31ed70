/** What is made again and refused is put back, and where that fails too, both are told. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { PlannedAction } from "../../model/plan.ts";
import type { StageWrites } from "./stage-writes.ts";
import { applyOne } from "./write.ts";

const never = new AbortController().signal;
const fixed = (value: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "fixed", namespace: "shop", labels: { keeps: "this" } },
  immutable: true,
  data: { value },
});
const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "fixed" };

async function recreateOn(fake: FakeCluster) {
  fake.put({ ...fixed("1"), status: { seen: true } });
  const manifest = manifestOf(fixed("2"));
  const action: PlannedAction = {
    id: manifest.id,
    version: "v1",
    stage: "",
    action: { type: "recreate", changes: [], reason: "" },
  };
  const key = formatId(manifest.id);
  const writes: StageWrites = {
    actions: [action],
    manifests: new Map([[key, manifest]]),
    objects: new Map([[key, manifest.object]]),
    deferred: new Set(),
    force: true,
    seen: { observed: new Map(), left: new Map(), at: 0, isFirst: true },
    by: { owner: { name: "own", namespace: "mooring-system" }, owned: new Set() },
  };
  return applyOne(fake.target(), action, { writes, waited: false, onFound: async () => undefined }, never);
}

test("as it was, without what the server alone writes", async () => {
  const fake = new FakeCluster();
  fake.refuse = ({ verb }) => (verb === "apply" ? new Failure("AdmissionDenied", { message: "no twos" }) : undefined);
  expect(await recreateOn(fake)).toMatchObject({ code: "AdmissionDenied", problems: [{ message: "no twos" }] });
  expect(fake.writes).toEqual(["delete ConfigMap/fixed", "create ConfigMap/fixed"]);
  const { status, ...live } = fake.get(ref) ?? fixed("none");
  expect(status).toBeUndefined();
  expect(live).toMatchObject(fixed("1"));
});

test("or the loss is told beside the refusal", async () => {
  const fake = new FakeCluster();
  fake.refuse = ({ verb }) =>
    verb === "delete" ? undefined : new Failure("AdmissionDenied", { message: `no ${verb}` });
  expect(await recreateOn(fake)).toMatchObject({
    code: "AdmissionDenied",
    problems: [
      { file: "fixed.yaml", object: "ConfigMap/shop/fixed", message: "no apply" },
      { object: "ConfigMap/shop/fixed", message: "the former object could not be restored: no create" },
    ],
  });
});
