/** When an object is written, and what counts as a write. */
import { expect, test } from "vitest";
import type { Action } from "../../model/plan.ts";
import { isWrite, writtenIn } from "./write-order.ts";

test.each<readonly [type: Action["type"], writes: boolean]>([
  ["create", true],
  ["update", true],
  ["recreate", true],
  ["unchanged", false],
  ["skip", false],
  ["delete", false],
  ["orphan", false],
])("%s writes a desired object: %s", (type, writes) => {
  expect(isWrite({ type })).toBe(writes);
});

const admission = "admissionregistration.k8s.io";

test.each<readonly [group: string, kind: string, type: Action["type"], wave: string]>([
  ["", "Namespace", "create", "definitions"],
  ["apiextensions.k8s.io", "CustomResourceDefinition", "update", "definitions"],
  ["apps", "Deployment", "create", "workloads"],
  // A policy that exists already judges what comes after it by its new rules.
  [admission, "ValidatingAdmissionPolicy", "update", "access"],
  [admission, "ValidatingAdmissionPolicyBinding", "recreate", "access"],
  [admission, "MutatingAdmissionPolicy", "update", "access"],
  // A new one judges nothing that comes in the same wave.
  [admission, "ValidatingAdmissionPolicy", "create", "workloads"],
  // The program behind a webhook is written before it.
  [admission, "ValidatingWebhookConfiguration", "update", "webhooks"],
  ["example.com", "AdmissionPolicy", "update", "workloads"],
])("%s/%s, %s: wave %s", (group, kind, type, wave) => {
  expect(writtenIn({ group, kind, namespace: "", name: "it" }, { type })).toBe(wave);
});
