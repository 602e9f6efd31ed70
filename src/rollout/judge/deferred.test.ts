/** What is judged only when other parts of the same plan have been written, and what is not. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster, manifestOf, type Write } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { applyStage } from "../apply/apply.ts";
import { stageWrites } from "../apply/stage-writes.ts";
import { type Prepared, prepare } from "../prepare.ts";
import { isShaper } from "./shapers.ts";

const never = new AbortController().signal;
const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
const inventory = { entries: [] };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function prepareOn(fake: FakeCluster, objects: readonly KubeObject[], more: { readonly force?: boolean } = {}) {
  const policy = { prune: true, force: false, guard: undefined, approved: undefined, ...more };
  const stages = [{ name: "", timeoutMs: 60_000, manifests: objects.map(manifestOf) }];
  const unseal = async (manifests: readonly Manifest[]) => manifests;
  return prepare(fake.target(), { stages, inventory, policy, unseal }, never);
}

async function write(fake: FakeCluster, prepared: Prepared): Promise<Failure | undefined> {
  const [stage] = prepared.observation.stages;
  if (stage === undefined) throw new Error("nothing was prepared");
  const written = applyStage(fake.target(), stageWrites(prepared, stage), never).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Failure ? thrown : Promise.reject(thrown)),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  return written;
}

describe("what admission refuses by a policy that changes in the same commit", () => {
  const policy = (rule: string, annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "rules", labels, annotations },
    spec: { rule },
  });
  const web: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "web", namespace: "shop" } };
  const strict = ({ object, verb }: Write) =>
    verb !== "delete" && object.name === "web"
      ? new Failure("AdmissionDenied", { message: "the rule is strict" })
      : undefined;

  test("is judged when that has been written", async () => {
    const fake = new FakeCluster();
    fake.put(policy("strict"));
    fake.refuse = strict;
    const prepared = await prepareOn(fake, [policy("lenient"), web]);
    expect([...prepared.deferred]).toEqual(["shop_web__ConfigMap"]);
  });

  test.each<readonly [string, KubeObject, KubeObject]>([
    ["ssa: IfNotPresent", policy("lenient", { "mooring.dev/ssa": "IfNotPresent" }), policy("strict")],
    ["ssa: Ignore", policy("lenient", { "mooring.dev/ssa": "Ignore" }), policy("strict")],
    ["reconcile: disabled", policy("lenient", { "mooring.dev/reconcile": "disabled" }), policy("strict")],
    [
      "reconcile: disabled in the cluster",
      policy("lenient"),
      policy("strict", { "mooring.dev/reconcile": "disabled" }),
    ],
    ["no difference", policy("strict"), policy("strict")],
  ])("is refused before the first write where that stays as it is: %s", async (_what, desired, live) => {
    const fake = new FakeCluster();
    fake.put(live);
    fake.refuse = strict;
    await expect(prepareOn(fake, [desired, web])).rejects.toMatchObject({ code: "AdmissionDenied" });
    expect(fake.writes).toEqual([]);
  });
});

describe("a binding whose role comes in the same commit", () => {
  const api = "rbac.authorization.k8s.io/v1";
  const role = (name: string): KubeObject => ({ apiVersion: api, kind: "Role", metadata: { name, namespace: "shop" } });
  const binding: KubeObject = {
    ...{ apiVersion: api, kind: "RoleBinding", metadata: { name: "binds", namespace: "shop" } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
  };
  /** Who may not bind what he likes is told that the role is not there. */
  const start = () => {
    const fake = new FakeCluster();
    fake.refuse = ({ verb, object }) =>
      verb === "apply" &&
      object.kind === "RoleBinding" &&
      fake.get({ ...role("reader").metadata, ...roleKind }) === undefined
        ? new Failure("NotFound", { message: 'the role "reader" that it names does not exist' })
        : undefined;
    return fake;
  };
  const roleKind = { apiVersion: api, kind: "Role" };

  test("is written after it, in whatever order they stand", async () => {
    const fake = start();
    const prepared = await prepareOn(fake, [binding, role("reader")]);
    expect([...prepared.deferred]).toEqual(["shop_binds_rbac.authorization.k8s.io_RoleBinding"]);
    expect(await write(fake, prepared)).toBeUndefined();
    expect(fake.writes).toEqual(["apply Role/reader", "apply RoleBinding/binds"]);
  });

  test("keeps all from being written where another role comes", async () => {
    const fake = start();
    await expect(prepareOn(fake, [binding, role("other")])).rejects.toMatchObject({ code: "NotFound" });
    expect(fake.writes).toEqual([]);
  });
});

describe("what a policy refuses by the values of its parameters", () => {
  const limit = (apiVersion: string, kind: string, value: number): KubeObject => ({
    ...{ apiVersion, kind, metadata: { name: "limit", namespace: "shop", labels } },
    value,
  });
  const web: KubeObject = {
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: { name: "web", namespace: "shop" },
  };
  // As the API server of kubernetes 1.34 says it.
  const denial =
    "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'limits' with binding 'limits' denied request: too many";
  const refusing =
    (message: string) =>
    ({ object, verb }: Write) =>
      verb === "apply" && object.name === "web" ? new Failure("AdmissionDenied", { message }) : undefined;

  test.each([
    ["v1", "ConfigMap"],
    ["limits.example/v1", "Limit"],
  ])("is judged when these have been written: %s %s", async (apiVersion, kind) => {
    const fake = new FakeCluster();
    fake.put(limit(apiVersion, kind, 1));
    fake.refuse = refusing(denial);
    const prepared = await prepareOn(fake, [limit(apiVersion, kind, 2), web]);
    expect([...prepared.deferred]).toEqual(["shop_web_apps_Deployment"]);
    fake.refuse = () => undefined;
    expect(await write(fake, prepared)).toBeUndefined();
    expect(fake.writes).toEqual([`apply ${kind}/limit`, "apply Deployment/web"]);
  });

  test.each<readonly [string, string, number]>([
    ["they stay as they are", denial, 1],
    ["something else refuses it", 'admission webhook "rules.example" denied the request', 2],
  ])("is refused before the first write where %s", async (_what, message, value) => {
    const fake = new FakeCluster();
    fake.put(limit("v1", "ConfigMap", 1));
    fake.refuse = refusing(message);
    await expect(prepareOn(fake, [limit("v1", "ConfigMap", value), web])).rejects.toMatchObject({
      code: "AdmissionDenied",
    });
    expect(fake.writes).toEqual([]);
  });
});

test.each([
  ["admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding", true],
  ["admissionregistration.k8s.io", "MutatingAdmissionPolicy", true],
  ["admissionregistration.k8s.io", "ValidatingWebhookConfiguration", true],
  ["constraints.gatekeeper.sh", "K8sRequiredLabels", true],
  ["templates.gatekeeper.sh", "ConstraintTemplate", true],
  ["kyverno.io", "ClusterPolicy", true],
  ["kyverno.io", "PolicyException", true],
  ["policies.kyverno.io", "ValidatingPolicy", true],
  ["policies.kubewarden.io", "ClusterAdmissionPolicy", true],
  ["kyverno.io", "CleanupPolicy", false],
  ["cilium.io", "CiliumNetworkPolicy", false],
  ["networking.k8s.io", "NetworkPolicy", false],
  ["security.istio.io", "AuthorizationPolicy", false],
  ["gateway.networking.k8s.io", "BackendTLSPolicy", false],
  ["gateway.envoyproxy.io", "SecurityPolicy", false],
  ["policy", "PodDisruptionBudget", false],
  ["evil-gatekeeper.sh", "Anything", false],
])("what admission goes by: %s %s: %s", (group, kind, expected) => {
  expect(isShaper({ group, kind, namespace: "", name: "x" })).toBe(expected);
});

describe("an immutable field of a kind whose definition changes in the same commit", () => {
  const definition = (rules: string): KubeObject => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.shop.example", labels },
    spec: { group: "shop.example", names: { kind: "Thing", plural: "things" }, rules },
  });
  const thing = (size: number): KubeObject => ({
    apiVersion: "shop.example/v1",
    kind: "Thing",
    metadata: { name: "one", namespace: "shop", labels },
    spec: { size },
  });
  /** The rule of the definition that is there holds: no size ever changes. */
  const immutable =
    (fake: FakeCluster, isFixed: (rules: unknown) => boolean) =>
    ({ verb, object, live, desired }: Write) => {
      const crd = fake.get({ apiVersion: "apiextensions.k8s.io/v1", ...definition("").metadata, kind: crdKind });
      const changes = verb === "apply" && object.kind === "Thing" && live !== undefined;
      const sizes = [live, desired].map((each) => JSON.stringify(each?.spec));
      return changes && sizes[0] !== sizes[1] && isFixed(JSON.stringify(crd?.spec))
        ? new Failure("FieldImmutable", { field: "spec.size", message: "is immutable" })
        : undefined;
    };
  const crdKind = "CustomResourceDefinition";
  const start = (isFixed: (rules: unknown) => boolean) => {
    const fake = new FakeCluster();
    fake.put(definition("old"));
    fake.put(thing(1));
    fake.refuse = immutable(fake, isFixed);
    return fake;
  };
  const typeOf = ({ plan }: Prepared) => plan.actions.find(({ id }) => id.kind === "Thing")?.action.type;

  test("is planned to be made again with force, and made again", async () => {
    const fake = start(() => true);
    const prepared = await prepareOn(fake, [definition("new"), thing(2)], { force: true });
    expect(typeOf(prepared)).toBe("recreate");
    expect(await write(fake, prepared)).toBeUndefined();
    expect(fake.writes).toEqual([`apply ${crdKind}/things.shop.example`, "delete Thing/one", "apply Thing/one"]);
    expect(fake.get({ apiVersion: "shop.example/v1", ...thing(2).metadata, kind: "Thing" })?.spec).toEqual({ size: 2 });
  });

  test("is changed in place where the new definition lets it be", async () => {
    const fake = start((rules) => String(rules).includes("old"));
    const prepared = await prepareOn(fake, [definition("new"), thing(2)], { force: true });
    expect(await write(fake, prepared)).toBeUndefined();
    expect(fake.writes).toEqual([`apply ${crdKind}/things.shop.example`, "apply Thing/one"]);
  });

  test("becomes immutable by the new definition: made again with force", async () => {
    const fake = start((rules) => String(rules).includes("new"));
    const prepared = await prepareOn(fake, [definition("new"), thing(2)], { force: true });
    expect(await write(fake, prepared)).toBeUndefined();
    expect(fake.writes).toEqual([`apply ${crdKind}/things.shop.example`, "delete Thing/one", "apply Thing/one"]);
  });

  test("is refused without force, and nothing is deleted", async () => {
    const fake = start(() => true);
    const prepared = await prepareOn(fake, [definition("new"), thing(2)]);
    expect(await write(fake, prepared)).toMatchObject({ code: "FieldImmutable" });
    expect(fake.writes).toEqual([`apply ${crdKind}/things.shop.example`]);
  });

  test("is not deleted where it could not be made", async () => {
    const fake = start(() => true);
    const { refuse } = fake;
    fake.refuse = (asked) =>
      asked.verb === "create" ? new Failure("AdmissionDenied", { message: "no new things" }) : refuse(asked);
    const prepared = await prepareOn(fake, [definition("new"), thing(2)], { force: true });
    expect(await write(fake, prepared)).toMatchObject({ code: "AdmissionDenied" });
    expect(fake.writes).toEqual([`apply ${crdKind}/things.shop.example`]);
  });
});
