import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, ConflictFailure, connect, refOf } from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { eventually } from "../support/wait.ts";
import { clusterObject, configMap, deployment } from "./objects.ts";

let plane: ControlPlane;
let cluster: Cluster;
const { signal } = new AbortController();
const force = { dryRun: false, force: true };

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
  cluster = await connect({ from: "files", paths: [plane.kubeconfig] });
  await cluster.apply(deployment("fixed"), force, signal);
});

afterAll(async () => {
  await cluster?.close();
  await plane?.stop();
});

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error("this was expected to fail", { cause: thrown });
}

const secret = (data: KubeObject["data"], rest: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "secret", namespace: "default" },
  data: data ?? {},
  ...rest,
});
const sayings = (failure: Failure) => failure.problems.map(({ field, message }) => [field, message]);

test.each<{ what: string; object: KubeObject; code: Failure["code"]; problems: readonly (readonly unknown[])[] }>([
  {
    what: "an unknown field",
    object: { ...configMap("unknown"), dataa: {} },
    code: "ObjectInvalid",
    problems: [["dataa", "unknown field"]],
  },
  {
    what: "a number where text belongs",
    object: { ...configMap("typed"), data: { port: 80 } },
    code: "ObjectInvalid",
    problems: [["data.port", "expected string"]],
  },
  {
    what: "a name that is not one",
    object: configMap("Not_A_Name"),
    code: "ObjectInvalid",
    problems: [["metadata.name", expect.stringContaining("lowercase RFC 1123 subdomain")]],
  },
  {
    what: "an immutable field",
    object: { ...deployment("fixed"), spec: deployment("moved").spec },
    code: "FieldImmutable",
    problems: [["spec.selector", expect.stringContaining("field is immutable")]],
  },
  {
    what: "a kind that is not served",
    object: clusterObject("example.com/v1", "Gadget", "one", {}),
    code: "KindUnknown",
    problems: [[undefined, "the cluster does not serve this kind in this version"]],
  },
  {
    what: "a namespace that does not exist",
    object: { ...configMap("lost"), metadata: { name: "lost", namespace: "nowhere" } },
    code: "NotFound",
    problems: [[undefined, 'the namespace "nowhere" does not exist']],
  },
  {
    what: "a namespaced object without a namespace",
    object: { ...configMap("homeless"), metadata: { name: "homeless" } },
    code: "ObjectInvalid",
    problems: [["metadata.namespace", "is required"]],
  },
  {
    what: "a Secret's value of the wrong type",
    object: secret({ token: 1234567 }),
    code: "ObjectInvalid",
    problems: [["data.token", "has the wrong type"]],
  },
  {
    what: "a Secret's value that is not base64",
    object: secret({ token: "hunter2!" }),
    code: "ObjectInvalid",
    problems: [[undefined, "cannot be read as a Secret"]],
  },
  {
    what: "a Secret that its type does not allow",
    object: secret({ ".dockerconfigjson": "aHVudGVyMg==" }, { type: "kubernetes.io/dockerconfigjson" }),
    code: "ObjectInvalid",
    problems: [["data[.dockerconfigjson]", "is not valid"]],
  },
])("$what: $code", async ({ object, code, problems }) => {
  const failure = await failureOf(cluster.apply(object, force, signal));
  expect(failure.code).toBe(code);
  expect(sayings(failure)).toEqual(problems);
  expect(failure.message).not.toMatch(/hunter2|aHVudGVyMg|1234567/);
});

test("fields of another manager are a conflict that names both, unless forced", async () => {
  await cluster.apply(deployment("shared", "registry.example/app:1"), { ...force, fieldManager: "someone" }, signal);
  const wanted = deployment("shared", "registry.example/app:2");
  const failure = await failureOf(cluster.apply(wanted, { dryRun: true, force: false }, signal));
  expect(failure).toBeInstanceOf(ConflictFailure);
  expect((failure as ConflictFailure).conflicts).toEqual([
    { field: 'spec.template.spec.containers[name="app"].image', manager: "someone" },
  ]);
  await cluster.apply(wanted, force, signal);
});

test("RBAC: who may not do what", async () => {
  const nobody = cluster.impersonate({ user: "nobody" });
  const failure = await failureOf(nobody.apply(configMap("forbidden"), force, signal));
  expect(failure.code).toBe("Forbidden");
  expect(failure.message).toContain('User "nobody" cannot patch resource "configmaps"');
});

test("a token that is not one", async () => {
  const config = {
    clusters: [{ name: "c", cluster: { server: plane.server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user: { token: "wrong" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  };
  const stranger = await connect({ from: "text", text: JSON.stringify(config) });
  const failure = await failureOf(stranger.get(refOf(configMap("x")), signal));
  await stranger.close();
  expect(failure.code).toBe("Unauthorized");
});

/** What admission says once it has heard of its own configuration, which takes it a moment. */
function refusalOf(object: KubeObject): Promise<Failure> {
  const tryIt = () => cluster.apply(object, { dryRun: true, force: true }, signal);
  return eventually(() => failureOf(tryIt()), { what: "admission to refuse" });
}

async function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } }, force, signal);
}

function inNamespace(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

test("PodSecurity", async () => {
  await namespace("strict", { "pod-security.kubernetes.io/enforce": "restricted" });
  const metadata = { name: "default", namespace: "strict" };
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata }, force, signal);
  const container = { name: "c", image: "registry.example/app:1", securityContext: { privileged: true } };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name: "root" },
    spec: { containers: [container] },
  };
  const failure = await refusalOf(pod);
  expect(failure.code).toBe("AdmissionDenied");
  expect(failure.message).toContain('violates PodSecurity "restricted:latest": privileged (container "c"');
});

test("a resource quota", async () => {
  await namespace("small");
  const metadata = { name: "few", namespace: "small" };
  const hard = { "count/configmaps": "0" };
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard } };
  await cluster.apply(quota, force, signal);
  // The controller that counts is not running.
  const status = { type: "merge", body: { status: { hard, used: hard } } } as const;
  await cluster.patch(refOf(quota), status, { subresource: "status" }, signal);
  const failure = await refusalOf(inNamespace(configMap("one"), "small"));
  expect(failure.code).toBe("QuotaExceeded");
  expect(failure.message).toContain("exceeded quota: few, requested: count/configmaps=1");
});

test("a namespace that is being deleted is no fault of the object", async () => {
  await namespace("leaving");
  await cluster.delete({ apiVersion: "v1", kind: "Namespace", name: "leaving" }, { propagation: "Background" }, signal);
  const failure = await refusalOf(inNamespace(configMap("late"), "leaving"));
  expect(failure.code).toBe("Conflict");
  expect(failure.message).toContain("its namespace is being deleted");
});

const secretsOf = (namespace: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets", "configmaps"] }],
});

test("a ValidatingAdmissionPolicy; of a Secret only that it was denied", async () => {
  await namespace("governed");
  const { namespaceSelector, rules } = secretsOf("governed");
  const api = "admissionregistration.k8s.io/v1";
  const policy = clusterObject(api, "ValidatingAdmissionPolicy", "no-objects", {
    matchConstraints: { namespaceSelector, resourceRules: rules },
    validations: [{ expression: "false", messageExpression: "'not with ' + object.data.key" }],
  });
  const binding = { policyName: "no-objects", validationActions: ["Deny"] };
  await cluster.apply(policy, force, signal);
  await cluster.apply(clusterObject(api, "ValidatingAdmissionPolicyBinding", "everywhere", binding), force, signal);
  const told = await refusalOf(inNamespace(configMap("denied", { key: "this" }), "governed"));
  expect(told.code).toBe("AdmissionDenied");
  expect(told.message).toContain("denied request: not with this");
  const masked = await refusalOf(inNamespace(secret({ key: "aHVudGVyMg==" }), "governed"));
  expect(masked.code).toBe("AdmissionDenied");
  expect(masked.message).toBe("Secret/governed/secret: denied by ValidatingAdmissionPolicy 'no-objects'");
});

test("a webhook that does not answer is not the object's fault", async () => {
  await namespace("hooked");
  const hook = {
    name: "absent.example.com",
    ...secretsOf("hooked"),
    admissionReviewVersions: ["v1"],
    clientConfig: { url: "https://127.0.0.1:1/" },
    failurePolicy: "Fail",
    sideEffects: "None",
    timeoutSeconds: 1,
  };
  const kind = "ValidatingWebhookConfiguration";
  const metadata = { name: "absent" };
  await cluster.apply(
    { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata, webhooks: [hook] },
    force,
    signal,
  );
  const failure = await refusalOf(inNamespace(configMap("unanswered"), "hooked"));
  expect(failure.code).toBe("ClusterBusy");
  expect(failure.message).toContain('the admission webhook "absent.example.com" does not answer');
});
