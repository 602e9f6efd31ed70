/** What is decided about an object when the plan is made is decided once more before it is written. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf, type Write } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Inventory } from "../../model/inventory.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import type { PlannedAction } from "../../model/plan.ts";
import type { Outcome } from "../outcome.ts";
import { rollOut } from "../roll-out.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

const never = new AbortController().signal;
const disabled = { annotations: { "mooring.dev/reconcile": "disabled" } };
const ignore = { annotations: { "mooring.dev/ssa": "Ignore" } };
const ifNotPresent = { annotations: { "mooring.dev/ssa": "IfNotPresent" } };
const ownedBy = (name: string) => ({
  labels: { [ownerLabels.name]: name, [ownerLabels.namespace]: "mooring-system" },
});

const secret = (password: string, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "db", namespace: "shop", ...metadata },
  data: { password },
});
const operator: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "operator", namespace: "shop" } };
const ref = refOf(secret(""));

interface Scene {
  /** What is there when the plan is made. */
  readonly before?: KubeObject;
  readonly wanted?: KubeObject;
  /** What somebody does as soon as the first stage is written. */
  readonly meanwhile: (fake: FakeCluster) => void;
  readonly more?: Partial<ApplyTarget>;
  readonly inventory?: Inventory;
  readonly force?: boolean;
  readonly refuse?: FakeCluster["refuse"];
}

async function runScene({ before, wanted = secret("Z2l0"), meanwhile, more, inventory, refuse, force = false }: Scene) {
  const fake = new FakeCluster();
  fake.refuse = refuse ?? fake.refuse;
  if (before !== undefined) fake.put(before);
  const { apply } = fake.cluster;
  const cluster: ApplyTarget["cluster"] = {
    ...fake.cluster,
    async apply(object, options, signal) {
      const applied = await apply(object, options, signal);
      if (!options.dryRun && object.metadata.name === "operator") meanwhile(fake);
      return applied;
    },
  };
  const found: PlannedAction[] = [];
  const outcome: Outcome | Failure = await rollOut(
    fake.target({ cluster, ...more }),
    {
      revision: "main@sha1:1",
      stages: [operator, wanted].map((object, index) => ({
        name: `${index}`,
        timeoutMs: 5_000,
        manifests: [manifestOf(object)],
      })),
      inventory: inventory ?? { entries: [] },
      policy: { prune: true, force, guard: undefined, approved: undefined },
      since: new Date(),
      unseal: async (manifests: readonly Manifest[]) => manifests,
      lastHealthy: undefined,
      journal: {
        begin: async () => undefined,
        found: async (_revision, planned) => void found.push(planned),
        beginRollback: async () => undefined,
        failed: async () => undefined,
        healthy: async () => undefined,
        made: () => ({ found: [], created: [] }),
      },
    },
    never,
  ).catch((thrown: unknown) => (thrown instanceof Failure ? thrown : Promise.reject(thrown)));
  return { fake, outcome, found, live: fake.get(ref) };
}

const onlyOperator = { type: "rolledOut", inventory: { entries: [{ id: "shop_operator__ConfigMap", v: "v1" }] } };
const own = secret("b2xk", ownedBy("own"));

test.each<readonly [string, Scene]>([
  [
    "made by an operator, and named for where there is none",
    { wanted: secret("Z2l0", ifNotPresent), meanwhile: (fake) => fake.put(secret("bWFkZQ==")) },
  ],
  ["made by an operator that keeps it to itself", { meanwhile: (fake) => fake.put(secret("bWFkZQ==", ignore)) }],
  [
    "found, and switched off",
    { before: secret("bWFkZQ=="), meanwhile: (fake) => fake.put(secret("bWFkZQ==", disabled)) },
  ],
])("one that is left alone is not written: %s", async (_what, scene) => {
  const { fake, outcome, live } = await runScene(scene);
  expect(outcome).toMatchObject(onlyOperator);
  expect(live).toMatchObject({ data: { password: "bWFkZQ==" } });
  expect(live?.metadata.labels).toBeUndefined();
  expect(fake.writes).toEqual(["apply ConfigMap/operator"]);
});

test("what a person switches off stays as it is, and the environment's own", async () => {
  const inventory = { entries: [{ id: "shop_db__Secret", v: "v1" }] };
  const meanwhile = (fake: FakeCluster) => fake.put(secret("aGFuZA==", { ...ownedBy("own"), ...disabled }));
  const { outcome, live } = await runScene({ before: own, meanwhile, inventory });
  expect(outcome).toMatchObject({ type: "rolledOut", inventory: { entries: [...inventory.entries, { v: "v1" }] } });
  expect(live).toMatchObject({ data: { password: "aGFuZA==" } });
});

test.each<readonly [string, Scene]>([
  ["made", { meanwhile: (fake) => fake.put(secret("bWFkZQ==", ownedBy("other"))) }],
  ["taken", { before: own, meanwhile: (fake) => fake.put(secret("bWFkZQ==", ownedBy("other"))) }],
])("one that another Environment has %s meanwhile is refused", async (_what, scene) => {
  const { outcome, live } = await runScene(scene);
  expect(outcome).toMatchObject({
    type: "failed",
    cause: { code: "OwnedByAnother", problems: [{ file: "db.yaml", object: "Secret/shop/db" }] },
  });
  expect(live).toMatchObject({ data: { password: "bWFkZQ==" }, metadata: ownedBy("other") });
});

test("one that has come to be is changed less what is left to others, and is not a rollback's to delete", async () => {
  const { outcome, live, found } = await runScene({
    meanwhile: (fake) => fake.put(secret("bWFkZQ==")),
    more: { ignore: [{ target: { kind: "Secret" }, paths: ["/data/password"] }] },
  });
  expect(outcome).toMatchObject({ type: "rolledOut" });
  expect(live).toMatchObject({ metadata: ownedBy("own") });
  expect(found).toMatchObject([{ id: { name: "db" }, action: { type: "update", found: true } }]);
});

/** A Secret of another type has to be made again. */
const immutable = ({ verb, object, live }: Write) =>
  verb === "apply" && object.kind === "Secret" && live !== undefined
    ? new Failure("FieldImmutable", { message: "cannot be changed" })
    : undefined;

test.each<readonly [string, Scene["meanwhile"], readonly string[]]>([
  ["switched off", (fake) => fake.put(secret("aGFuZA==", { ...ownedBy("own"), ...disabled })), []],
  ["another's", (fake) => fake.put(secret("aGFuZA==", ownedBy("other"))), []],
  ["as it was", () => undefined, ["delete Secret/db", "apply Secret/db"]],
])(
  "one that is to be made again is deleted only where it is still ours to write: %s",
  async (_what, meanwhile, writes) => {
    const { fake } = await runScene({ before: own, force: true, refuse: immutable, meanwhile });
    expect(fake.writes).toEqual(["apply ConfigMap/operator", ...writes]);
  },
);
