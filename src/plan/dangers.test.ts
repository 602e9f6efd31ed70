import { describe, expect, test } from "vitest";
import type { Action, PlannedAction } from "../model/plan.ts";
import { dangersOf, movedImages } from "./dangers.ts";

const planned = (group: string, kind: string, action: Action): PlannedAction => ({
  id: { group, kind, namespace: "shop", name: "web" },
  version: "v1",
  stage: "",
  action,
});
const update = (path: string): Action => ({ type: "update", changes: [{ path, from: "a", to: "b" }] });
const dangers = (action: PlannedAction) => dangersOf({ actions: [action], digest: "" }).map(({ message }) => message);

describe("dangersOf", () => {
  test.each(["Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"])(
    "names the deletion of a %s",
    (kind) => {
      expect(dangers(planned("", kind, { type: "delete" }))).toEqual([expect.stringMatching(/^would be deleted: /)]);
    },
  );

  test.each([
    ["apps", "Deployment", "/spec/selector/matchLabels/app"],
    ["apps", "StatefulSet", "/spec/volumeClaimTemplates/0/spec/resources"],
    ["batch", "Job", "/spec/template/spec/containers/0/image"],
    ["", "PersistentVolumeClaim", "/spec/storageClassName"],
    ["", "Secret", "/type"],
    ["rbac.authorization.k8s.io", "RoleBinding", "/roleRef/name"],
    ["apiextensions.k8s.io", "CustomResourceDefinition", "/spec/scope"],
  ])("names what cannot change: %s/%s %s", (group, kind, path) => {
    expect(dangers(planned(group, kind, update(path)))).toEqual([
      `${path} cannot be changed without recreating the object`,
    ]);
  });

  test.each<readonly [string, string, Action]>([
    ["apps", "Deployment", update("/spec/template/spec/containers/0/image")],
    ["apps", "Deployment", update("/spec/selectors")],
    ["apps", "StatefulSet", update("/spec/replicas")],
    ["", "PersistentVolumeClaim", update("/spec/resources/requests/storage")],
    ["example.com", "Deployment", update("/spec/selector")],
    ["", "ConfigMap", { type: "delete" }],
    ["", "Namespace", { type: "orphan", reason: "prune is off" }],
  ])("leaves %s/%s in peace otherwise", (group, kind, action) => {
    expect(dangers(planned(group, kind, action))).toEqual([]);
  });
});

test("movedImages finds images of containers, and nothing else", () => {
  const actions = [
    planned("apps", "Deployment", update("/spec/template/spec/initContainers/1/image")),
    planned("batch", "CronJob", update("/spec/jobTemplate/spec/template/spec/containers/0/image")),
    planned("", "ConfigMap", update("/data/image")),
    planned("apps", "Deployment", {
      type: "update",
      changes: [{ path: "/spec/template/spec/containers/0/image", from: undefined, to: "b" }],
    }),
  ];
  expect(movedImages(actions)).toEqual([
    { object: "Deployment/shop/web", from: "a", to: "b" },
    { object: "CronJob/shop/web", from: "a", to: "b" },
  ]);
});
