import { expect, test } from "vitest";
import { compareForApply, waveOf } from "./order.ts";

const id = (kind: string, name = "a", group = "", namespace = "shop") => ({ group, kind, namespace, name });

test.each([
  ["Namespace", "definitions"],
  ["CustomResourceDefinition", "definitions"],
  ["ServiceAccount", "access"],
  ["Secret", "configuration"],
  ["Deployment", "workloads"],
  ["Widget", "workloads"],
  ["ValidatingWebhookConfiguration", "webhooks"],
])("%s is written with the %s", (kind, wave) => {
  expect(waveOf(id(kind))).toBe(wave);
});

test("ids stand in the order of writing", () => {
  const ordered = [
    id("Namespace"),
    id("CustomResourceDefinition"),
    id("ServiceAccount"),
    id("RoleBinding"),
    id("ConfigMap"),
    id("Secret"),
    id("Service"),
    id("Deployment", "a", "apps", "shop"),
    id("Deployment", "b", "apps", "shop"),
    id("Deployment", "a", "apps", "zoo"),
    id("Ingress", "a", "extensions"),
    id("Ingress", "a", "networking.k8s.io"),
    id("MutatingWebhookConfiguration"),
  ];
  expect([...ordered].reverse().sort(compareForApply)).toEqual(ordered);
});
