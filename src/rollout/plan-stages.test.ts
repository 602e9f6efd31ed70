/** A change planned without a cluster and without keys: against an earlier revision, with Secrets that show only that they changed. */
import { expect, test } from "vitest";
import { manifestOf } from "../../test/rollout/fake-cluster.ts";
import { stageOf } from "../../test/rollout/objects.ts";
import type { KubeObject } from "../model/manifest.ts";
import { objectsWithoutKeys, planStages } from "./plan-stages.ts";

const environment = {
  metadata: { name: "own", namespace: "mooring-system" },
  spec: { prune: true, force: false },
} as Parameters<typeof planStages>[0];
const config = (value: string): KubeObject => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config", namespace: "shop" } },
  data: { value },
});
const sealed = (password: string, more = {}): KubeObject => ({
  ...{ apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret" },
  metadata: { name: "db", namespace: "shop", ...more },
  spec: { encryptedData: { password }, template: { type: "Opaque", metadata: { labels: { app: "db" } } } },
});

/** What is planned from one revision to another one. */
async function planned(before: readonly KubeObject[], after: readonly KubeObject[]) {
  const old = await objectsWithoutKeys(environment, [stageOf(before)]);
  const plan = await planStages(environment, { before: old, after: [stageOf(after)] });
  return { plan, actions: plan.actions.map(({ id, action }) => `${action.type} ${id.kind}/${id.name}`) };
}

test.each<
  readonly [what: string, before: readonly KubeObject[], after: readonly KubeObject[], actions: readonly string[]]
>([
  ["what is new", [], [config("1")], ["create ConfigMap/config"]],
  ["what is the same", [config("1")], [config("1")], ["unchanged ConfigMap/config"]],
  ["what changed", [config("1")], [config("2")], ["update ConfigMap/config"]],
  ["what is gone", [config("1")], [], ["delete ConfigMap/config"]],
  ["a Secret in the place of a sealed one", [], [sealed("AgB1")], ["create Secret/db"]],
  ["a Secret that was sealed anew", [sealed("AgB1")], [sealed("AgB2")], ["update Secret/db"]],
])("%s", async (_what, before, after, actions) => {
  expect((await planned(before, after)).actions).toEqual(actions);
});

test("a plan shows nothing of what is sealed, not even as it is sealed", async () => {
  const { plan } = await planned([sealed("AgB1")], [sealed("AgB2")]);
  expect(JSON.stringify(plan)).not.toMatch(/AgB[12]/);
});

test("the Secret is as it will be: in its place, of its type, with its labels, and marked", async () => {
  const [secret] = await objectsWithoutKeys(environment, [stageOf([sealed("AgB1")])]);
  expect(secret).toMatchObject({
    id: { group: "", kind: "Secret", namespace: "shop", name: "db" },
    object: { apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: { labels: { app: "db" } } },
    sensitive: true,
    digest: manifestOf(sealed("AgB1")).digest,
  });
});

test("where deletions are held, so is the plan", async () => {
  const spec = { ...environment.spec, deletionGuard: { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 } };
  const before = await objectsWithoutKeys(environment, [stageOf([config("1")])]);
  const plan = await planStages({ ...environment, spec }, { before, after: [stageOf([])] });
  expect(plan.hold?.objects.map(({ name }) => name)).toEqual(["config"]);
});
