/** What other objects are judged by: which change may turn which refusal, and which may refuse what was accepted. */
import { describe, expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { definition, deployment, settings } from "../../../test/rollout/objects.ts";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { isShaper, isStrict, mayMend, mayRefuse, mayShape } from "./shapers.ts";

const cluster = (apiVersion: string, kind: string, name = "it"): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
});
const inShop = (apiVersion: string, kind: string, name = "it"): KubeObject => ({
  ...{ apiVersion, kind, metadata: { name, namespace: "shop" } },
});
const inOffice = (apiVersion: string, kind: string, name = "it"): KubeObject => ({
  ...{ apiVersion, kind, metadata: { name, namespace: "office" } },
});
const rbac = "rbac.authorization.k8s.io/v1";
const bindingTo = (kind: string, name: string): KubeObject => ({
  ...inShop(rbac, "RoleBinding", "binds"),
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
});
const web = deployment("web");
const widget = inShop("example.com/v1", "Widget", "w");

/** As the API server of kubernetes 1.34 says it. */
const byPolicy =
  "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'limits' with binding 'limits' denied request: no";
const byWebhook = 'admission webhook "check.example.com" denied the request: no';

type Row = readonly [
  what: string,
  mends: boolean,
  shaper: KubeObject,
  rejected: KubeObject,
  code: FailureCode,
  says?: string,
];

describe("a refusal may be another one, or none, after the change of", () => {
  const table: readonly Row[] = [
    ["the definition of its kind", true, definition("Widget"), widget, "ObjectInvalid"],
    ["the definition of its kind, of what is immutable", true, definition("Widget"), widget, "FieldImmutable"],
    ["the definition of its kind, of rights", false, definition("Widget"), widget, "Forbidden"],
    ["the definition of another kind", false, definition("Gadget"), widget, "ObjectInvalid"],
    ["its Namespace", true, cluster("v1", "Namespace", "shop"), web, "AdmissionDenied"],
    ["another Namespace", false, cluster("v1", "Namespace", "office"), web, "AdmissionDenied"],
    ["a quota of its namespace", true, inShop("v1", "ResourceQuota"), web, "QuotaExceeded"],
    ["a quota of another namespace", false, inOffice("v1", "ResourceQuota"), web, "QuotaExceeded"],
    ["the limits of its namespace", true, inShop("v1", "LimitRange"), web, "AdmissionDenied"],
    ["its service account", true, inShop("v1", "ServiceAccount"), web, "AdmissionDenied"],
    ["a priority class", true, cluster("scheduling.k8s.io/v1", "PriorityClass"), web, "AdmissionDenied"],
    ["a storage class, of a value", true, cluster("storage.k8s.io/v1", "StorageClass"), web, "ObjectInvalid"],
    ["an ingress class, of a right", false, cluster("networking.k8s.io/v1", "IngressClass"), web, "Forbidden"],
    ["any role, of a right", true, inOffice(rbac, "Role"), web, "Forbidden"],
    ["any binding, of a right", true, cluster(rbac, "ClusterRoleBinding"), web, "Forbidden"],
    ["a binding, of a value", false, cluster(rbac, "ClusterRoleBinding"), web, "ObjectInvalid"],
    ["the role it names", true, inShop(rbac, "Role", "reads"), bindingTo("Role", "reads"), "NotFound"],
    ["a role of another name", false, inShop(rbac, "Role", "writes"), bindingTo("Role", "reads"), "NotFound"],
    ["a role elsewhere", false, inOffice(rbac, "Role", "reads"), bindingTo("Role", "reads"), "NotFound"],
    ["the cluster role", true, cluster(rbac, "ClusterRole", "reads"), bindingTo("ClusterRole", "reads"), "NotFound"],
    ["a role, but another kind", false, inShop(rbac, "Role", "reads"), bindingTo("ClusterRole", "reads"), "NotFound"],
    ["any role, of what it does not name", false, cluster(rbac, "ClusterRole", "reads"), web, "NotFound"],
    [
      "an admission policy",
      true,
      cluster("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
      web,
      "AdmissionDenied",
    ],
    [
      "a webhook that does not answer",
      true,
      cluster("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
      web,
      "ClusterBusy",
    ],
    [
      "a constraint of Gatekeeper",
      true,
      cluster("constraints.gatekeeper.sh/v1beta1", "MustHave"),
      web,
      "AdmissionDenied",
    ],
    ["a policy of Kyverno", true, cluster("kyverno.io/v1", "ClusterPolicy"), web, "AdmissionDenied"],
    ["a policy of Kyverno, its namespace's", true, inShop("kyverno.io/v1", "Policy"), web, "AdmissionDenied"],
    ["a policy of Kyverno, another namespace's", false, inOffice("kyverno.io/v1", "Policy"), web, "AdmissionDenied"],
    ["an exception, wherever it is", true, inOffice("kyverno.io/v2", "PolicyException"), web, "AdmissionDenied"],
    ["a report of Kyverno", false, inShop("kyverno.io/v1", "Report"), web, "AdmissionDenied", byWebhook],
    ["a ConfigMap, of an admission policy", true, settings("limit"), web, "AdmissionDenied", byPolicy],
    ["a ConfigMap, of a webhook", false, settings("limit"), web, "AdmissionDenied", byWebhook],
    ["a custom resource, of an admission policy", true, widget, web, "AdmissionDenied", byPolicy],
    ["a custom resource, of its value", false, widget, web, "ObjectInvalid", byPolicy],
    ["a built-in kind that nobody goes by", false, inShop("v1", "Service"), web, "AdmissionDenied", byPolicy],
    ["a network policy", false, inShop("networking.k8s.io/v1", "NetworkPolicy"), web, "AdmissionDenied", byPolicy],
    [
      "the object itself",
      false,
      inShop("v1", "ResourceQuota", "it"),
      inShop("v1", "ResourceQuota", "it"),
      "QuotaExceeded",
    ],
  ];

  test.each(table.map((row) => [row[0], row[1], row] as const))("%s: %s", (_what, mends, row) => {
    const [, , shaper, rejected, code, says = "no"] = row;
    const failure = new Failure(code, { message: says });
    expect(mayMend(manifestOf(shaper), manifestOf(rejected), failure)).toBe(mends);
  });

  test("the definition whose conversion does not work", () => {
    const message =
      'the API server answers HTTP 500: conversion webhook for example.com/v1, Kind=Widget failed: Post "https://x/": no';
    const failure = new Failure("ClusterBusy", { message });
    expect(mayMend(manifestOf(definition("Widget")), manifestOf(widget), failure)).toBe(true);
    expect(mayMend(manifestOf(definition("Gadget")), manifestOf(widget), failure)).toBe(false);
    const busy = new Failure("ClusterBusy", { message: "too many requests" });
    expect(mayMend(manifestOf(definition("Widget")), manifestOf(widget), busy)).toBe(false);
  });
});

test.each<readonly [what: string, refuses: boolean, shaper: KubeObject, accepted: KubeObject]>([
  ["the definition of its kind", true, definition("Widget"), widget],
  ["the definition of another kind", false, definition("Gadget"), widget],
  ["its Namespace, for pod security", true, cluster("v1", "Namespace", "shop"), web],
  ["another Namespace", false, cluster("v1", "Namespace", "office"), web],
  ["a quota, which the plan of before did not exceed", false, inShop("v1", "ResourceQuota"), web],
  ["a role", false, inShop(rbac, "Role"), web],
  ["a ConfigMap", false, settings("limit"), web],
])("what was accepted is judged again after a change of %s: %s", (_what, refuses, shaper, accepted) => {
  expect(mayRefuse(manifestOf(shaper), manifestOf(accepted))).toBe(refuses);
});

test.each<readonly [group: string, kind: string, is: readonly [shaper: boolean, shape: boolean, strict: boolean]]>([
  ["apiextensions.k8s.io", "CustomResourceDefinition", [true, true, true]],
  ["", "Namespace", [true, true, true]],
  ["", "ResourceQuota", [true, true, false]],
  ["", "ConfigMap", [false, true, false]],
  ["", "Secret", [false, false, false]],
  ["apps", "Deployment", [false, false, false]],
  ["example.com", "Widget", [false, true, false]],
  ["admissionregistration.k8s.io", "AnythingToCome", [true, true, false]],
  ["templates.gatekeeper.sh", "ConstraintTemplate", [true, true, false]],
  ["policy.sigstore.dev", "ClusterImagePolicy", [true, true, false]],
  ["snapshot.storage.k8s.io", "VolumeSnapshotClass", [false, false, false]],
])("%s/%s", (group, kind, [shaper, shape, strict]) => {
  const id: ObjectId = { group, kind, namespace: "", name: "it" };
  expect([isShaper(id), mayShape(id), isStrict(id)]).toEqual([shaper, shape, strict]);
});
