import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, objectAt } from "../../../src/model/json/json.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { applyAsTest, commitFolder, configMap, following, isDenied, messageOf, namespace } from "../shop.ts";

type Files = Readonly<Record<string, string>>;

/** Definitions, Namespaces, policies, limits, classes and roles that come or change together with what goes by them. */
describe("what is judged by something of the same commit", { timeout: 300_000 }, () => {
  let world: World;
  let tree: WorkTree;
  let url: string;

  const signal = new AbortController().signal;
  const commit = (name: string, files: Files) => commitFolder(tree, name, { "ns.yaml": namespace(name), ...files });
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, { ...following(url, name), timeout: "40s", ...more });

  beforeAll(async () => {
    world = await startWorld();
    world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  it("judges objects by the definition and the Namespace that come with them", async () => {
    const group = "shaped.example";
    const thing = (spec: string) =>
      `apiVersion: ${group}/v1
kind: Thing
metadata: {name: one, namespace: shaped}
spec: ${spec}
`;
    const definition = (more: JsonObject, limit: JsonObject = {}) => {
      const size = { type: "integer", ...limit };
      const spec = { type: "object", properties: { size, ...more } };
      const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
      const versions = [{ name: "v1", served: true, storage: true, schema }];
      const names = { kind: "Thing", listKind: "ThingList", plural: "things", singular: "thing" };
      const object = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
      return JSON.stringify({
        ...{ ...object, metadata: { name: `things.${group}` } },
        spec: { group, names, scope: "Namespaced", versions },
      });
    };
    const colour = { colour: { type: "string" } };
    const pod = (privileged: boolean) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: tool, namespace: shaped}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "web:1", securityContext: {privileged: ${privileged}}}]\n`;
    const labelled = (level: string) =>
      namespace("shaped").replace(
        "{name: shaped}",
        `{name: shaped, labels: {pod-security.kubernetes.io/enforce: ${level}}}`,
      );
    await commit("shaped", {
      "ns.yaml": labelled("baseline"),
      "crd.yaml": definition({}),
      "thing.yaml": thing("{size: 7}"),
    });
    await create("shaped");
    await world.condition("shaped", "Ready", { status: "True" });

    const wide = { "ns.yaml": labelled("privileged"), "crd.yaml": definition(colour), "pod.yaml": pod(true) };
    const wider = await commit("shaped", { ...wide, "thing.yaml": thing("{size: 7, colour: red}") });
    const { lastHealthyRevision } = await world.condition("shaped", "Ready", { status: "True", revision: wider });
    const live = () =>
      world.admin.get({ apiVersion: `${group}/v1`, kind: "Thing", namespace: "shaped", name: "one" }, signal);
    expect(objectAt(await live(), "spec")).toEqual({ size: 7, colour: "red" });

    // Stricter: what the rules of before would have let pass is refused when its turn comes, and all of it goes back.
    const strict = { "ns.yaml": labelled("privileged"), "crd.yaml": definition(colour, { maximum: 5 }) };
    const stricter = await commit("shaped", {
      ...strict,
      "pod.yaml": pod(true),
      "thing.yaml": thing("{size: 8, colour: red}"),
    });
    const status = await world.condition("shaped", "Ready", { reason: "RolledBack", revision: stricter });
    expect(status.lastAppliedRevision).toBe(lastHealthyRevision);
    expect(await messageOf(world, "shaped")).toMatch(/shaped\/thing.yaml:1: Thing\/shaped\/one: .*spec.size/);
    const crd = await world.get("CustomResourceDefinition", "", `things.${group}`);
    expect(JSON.stringify(crd?.spec)).not.toContain("maximum");
  });

  it("judges objects by the policies, limits, classes and accounts that come with them", async () => {
    const service = (name: string) =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: judged}\nspec: {ports: [{port: 80}]}\n`;
    const quota = (services: number) =>
      `apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: some, namespace: judged}\nspec: {hard: {services: ${services}}}\n`;
    const policy = (forbidden: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: judged}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  validations: [{expression: "object.data.value != '${forbidden}'", message: is not allowed}]
`;
    const binding = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: judged}
spec:
  policyName: judged
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: judged}}}
`;
    const probe = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "probe", namespace: "judged" } };
    const paint = (value: string) => configMap("paint", value, { namespace: "judged" });
    await commit("judged", {
      ...{ "policy.yaml": policy("red"), "binding.yaml": binding, "quota.yaml": quota(1) },
      ...{ "paint.yaml": paint("blue"), "one.yaml": service("one") },
    });
    await create("judged");
    await world.condition("judged", "Ready", { status: "True" });
    await eventually(() => isDenied(world, { ...probe, data: { value: "red" } }), { what: "the policy" });
    const red = await commit("judged", {
      ...{ "policy.yaml": policy("red"), "binding.yaml": binding, "quota.yaml": quota(1) },
      ...{ "paint.yaml": paint("red"), "one.yaml": service("one") },
    });
    await world.condition("judged", "Ready", { reason: "ValidationFailed" });
    expect(await messageOf(world, "judged")).toMatch(
      /judged\/paint.yaml:1: ConfigMap\/judged\/paint: .*is not allowed/,
    );
    expect((await world.status("judged")).lastAppliedRevision).not.toContain(red);

    const pod = `apiVersion: v1
kind: Pod
metadata: {name: important, namespace: judged}
spec:
  priorityClassName: judged
  runtimeClassName: judged
  serviceAccountName: important
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "web:1"}]
`;
    const all = await commit("judged", {
      ...{ "policy.yaml": policy("green"), "binding.yaml": binding, "quota.yaml": quota(2) },
      ...{ "paint.yaml": paint("red"), "one.yaml": service("one"), "two.yaml": service("two"), "pod.yaml": pod },
      "priority.yaml": "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: judged}\nvalue: 7\n",
      "runtime.yaml": "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: judged}\nhandler: runc\n",
      "account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: important, namespace: judged}\n",
    });
    const status = await world.condition("judged", "Ready", { status: "True", revision: all });
    expect(status.history?.map(({ outcome }) => outcome)).toEqual(["Succeeded", "Succeeded"]);
    expect(await world.get("ConfigMap", "judged", "paint")).toMatchObject({ data: { value: "red" } });
    expect(await world.get("Pod", "judged", "important")).toMatchObject({ spec: { priority: 7 } });
    expect(await world.get("Service", "judged", "two")).toBeDefined();
  });

  it("judges objects by the parameters of a policy that change with them", async () => {
    const admission = "apiVersion: admissionregistration.k8s.io/v1";
    const policy = `${admission}
kind: ValidatingAdmissionPolicy
metadata: {name: limited}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [services]}]
  validations: [{expression: object.spec.ports.size() <= int(params.data.value), message: has too many ports}]
`;
    const binding = `${admission}
kind: ValidatingAdmissionPolicyBinding
metadata: {name: limited}
spec:
  policyName: limited
  paramRef: {name: limit, namespace: limited, parameterNotFoundAction: Allow}
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: limited}}}
`;
    const ports = (...numbers: readonly number[]) => numbers.map((port) => ({ name: `p${port}`, port }));
    const service = (name: string, spec: JsonObject) => ({
      ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "limited" } },
      spec,
    });
    const files = (limit: string, ...numbers: readonly number[]) => ({
      ...{
        "policy.yaml": policy,
        "binding.yaml": binding,
        "limit.yaml": configMap("limit", limit, { namespace: "limited" }),
      },
      "web.yaml": JSON.stringify(service("web", { ports: ports(...numbers) })),
    });
    await commit("limited", files("1", 80));
    await create("limited");
    await world.condition("limited", "Ready", { status: "True" });
    await eventually(() => isDenied(world, service("probe", { ports: ports(80, 81) })), { what: "the policy" });
    const sha = await commit("limited", files("2", 80, 81));
    await world.condition("limited", "Ready", { status: "True", revision: sha });
    const live = await world.get("Service", "limited", "web");
    expect(live).toMatchObject({ spec: { ports: [{ port: 80 }, { port: 81 }] } });
  });

  it("binds a role that comes with its binding, with no more rights than it needs", async () => {
    const rights = "rbac.authorization.k8s.io";
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "bound" } });
    const account = { kind: "ServiceAccount", name: "binder", namespace: "mooring-system" };
    await applyAsTest(world, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "binder", namespace: "mooring-system" },
    });
    const metadata = { name: "binder", namespace: "bound" };
    const rules = [
      { apiGroups: [rights], resources: ["roles", "rolebindings"], verbs: ["get", "list", "watch", "create", "patch"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
    ];
    await applyAsTest(world, { apiVersion: `${rights}/v1`, kind: "Role", metadata, rules });
    const roleRef = { apiGroup: rights, kind: "Role", name: "binder" };
    await applyAsTest(world, {
      apiVersion: `${rights}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef,
      subjects: [account],
    });
    await commitFolder(tree, "bound", {
      "a-binding.yaml": `apiVersion: ${rights}/v1\nkind: RoleBinding\nmetadata: {name: reader, namespace: bound}
roleRef: {apiGroup: ${rights}, kind: Role, name: reader}\nsubjects: [{kind: ServiceAccount, name: default, namespace: bound}]\n`,
      "b-role.yaml": `apiVersion: ${rights}/v1\nkind: Role\nmetadata: {name: reader, namespace: bound}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]\n`,
    });
    await create("bound", { serviceAccountName: "binder" });
    await world.condition("bound", "Ready", { status: "True" });
    const reader = { apiVersion: `${rights}/v1`, kind: "RoleBinding", namespace: "bound", name: "reader" };
    expect(await world.admin.get(reader, signal)).toBeDefined();
  });

  it("sees an object in a version of its kind that comes in the same commit", async () => {
    const group = "versions.example";
    const gadget = (name: string, version: string, size: number, metadata: JsonObject = {}) => ({
      ...{ apiVersion: `${group}/${version}`, kind: "Gadget" },
      metadata: { name, namespace: "versions", ...metadata },
      spec: { size },
    });
    const definition = (...names: readonly string[]) => {
      const spec = { type: "object", properties: { size: { type: "integer" } } };
      const schema = { openAPIV3Schema: { type: "object", properties: { spec } } };
      const versions = names.map((name) => ({ name, served: true, storage: name === "v1", schema }));
      return JSON.stringify({
        ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
        metadata: { name: `gadgets.${group}` },
        spec: {
          group,
          names: { kind: "Gadget", listKind: "GadgetList", plural: "gadgets", singular: "gadget" },
          scope: "Namespaced",
          versions,
        },
      });
    };
    const live = (name: string) =>
      world.admin.get({ apiVersion: `${group}/v1`, kind: "Gadget", namespace: "versions", name }, signal);
    await commit("versions", { "crd.yaml": definition("v1") });
    await create("versions");
    await world.condition("versions", "Ready", { status: "True" });
    await applyAsTest(world, gadget("one", "v1", 77));
    await tree.commit({ "beside/two.yaml": JSON.stringify(gadget("two", "v1", 78)) }, "beside");
    await create("beside");
    await world.condition("beside", "Ready", { status: "True" });

    const ifNotPresent = { annotations: { "mooring.dev/ssa": "IfNotPresent" } };
    const one = { "one.yaml": JSON.stringify(gadget("one", "v2", 5, ifNotPresent)) };
    const second = await commit("versions", { "crd.yaml": definition("v1", "v2"), ...one });
    await world.condition("versions", "Ready", { status: "True", revision: second });
    expect(objectAt(await live("one"), "spec")).toEqual({ size: 77 });
    expect((await live("one"))?.metadata.labels).toBeUndefined();

    const two = { "two.yaml": JSON.stringify(gadget("two", "v3", 6)) };
    await commit("versions", { "crd.yaml": definition("v1", "v2", "v3"), ...one, ...two });
    await world.condition("versions", "Ready", { status: "False", reason: "ValidationFailed" });
    expect(await messageOf(world, "versions")).toMatch(
      /versions\/two.yaml:1: Gadget\/versions\/two: belongs to .*\/beside/,
    );
    expect(objectAt(await live("two"), "spec")).toEqual({ size: 78 });
    expect(JSON.stringify(await world.get("CustomResourceDefinition", "", `gadgets.${group}`))).not.toContain('"v3"');
    await commit("versions", { "crd.yaml": definition("v1", "v2"), ...one });
    await world.condition("versions", "Ready", { status: "True" });
  });
});
