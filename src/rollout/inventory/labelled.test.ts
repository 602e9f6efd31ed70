import { expect, test } from "vitest";
import { fieldManager, ownerLabels } from "../../api/names.ts";
import type { Cluster, ListOptions, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { labelledInventory } from "./labelled.ts";

const { signal } = new AbortController();
const owner = { name: "shop", namespace: "mooring" };
const type: ResourceType = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  verbs: ["list", "delete"],
};

/** An object with the labels of the owner, and who wrote how to it. */
function labelled(name: string, ...managers: readonly (readonly [manager: string, operation: string])[]): KubeObject {
  const labels = { [ownerLabels.name]: owner.name, [ownerLabels.namespace]: owner.namespace };
  const managedFields = managers.map(([manager, operation]) => ({ manager, operation, apiVersion: "v1" }));
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop", labels, managedFields } };
}

test("what only has the labels, and was not applied by Mooring, is nobody's to prune", async () => {
  const items = [
    labelled("applied", ["kubectl-edit", "Update"], [fieldManager, "Apply"]),
    labelled("copied-by-a-controller", ["endpointslice-controller", "Update"]),
    labelled("applied-by-another", ["kubectl", "Apply"]),
    labelled("touched", [fieldManager, "Update"], ["kubectl", "Apply"]),
    labelled("by-one-who-sounds-alike", [`${fieldManager}-copy`, "Apply"]),
    labelled("by-nobody"),
  ];
  const asked: ListOptions[] = [];
  const cluster = {
    kinds: async () => [type, { ...type, kind: "Event", plural: "events", verbs: ["list"] }],
    async list(_: ResourceType, options: ListOptions) {
      asked.push(options);
      return { items, resourceVersion: "1" };
    },
  } as Partial<Cluster> as Cluster;
  const { entries } = await labelledInventory(
    { cluster, owner } as Partial<ApplyTarget> as ApplyTarget,
    ["shop"],
    signal,
  );
  expect(entries).toEqual([{ id: "shop_applied__ConfigMap", v: "v1" }]);
  const labelSelector = `${ownerLabels.name}=shop,${ownerLabels.namespace}=mooring`;
  expect(asked).toEqual([{ labelSelector, metadataOnly: true }]);
});

test("what may not be read everywhere is read where the Environment is known to have something", async () => {
  const cluster = {
    kinds: async () => [type],
    async list(_: ResourceType, { namespace }: ListOptions) {
      if (namespace !== "shop") throw new Failure("Forbidden", { message: "may not be listed" });
      return { items: [labelled("applied", [fieldManager, "Apply"])], resourceVersion: "1" };
    },
  } as Partial<Cluster> as Cluster;
  const target = { cluster, owner } as Partial<ApplyTarget> as ApplyTarget;
  const { entries } = await labelledInventory(target, ["mooring", "shop"], signal);
  expect(entries).toEqual([{ id: "shop_applied__ConfigMap", v: "v1" }]);
});
