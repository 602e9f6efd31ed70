import { fieldManager, ownerLabels } from "../../api/names.ts";
import type { ResourceType } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import { type Inventory, type InventoryEntry, inventoryEntry } from "../../model/inventory.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

const concurrency = 8;

/**
 * The inventory by labels: what carries an Environment's labels and was applied by Mooring, whatever its status remembers,
 * for when the status cannot be trusted. One list for every kind that can be pruned; a kind that the identity may not list
 * everywhere is listed in `namespaces`, and left out where that is forbidden too. Throws `Failure` where the API cannot answer.
 */
export async function labelledInventory(
  target: ApplyTarget,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<Inventory> {
  const types = prunable(await target.cluster.kinds(signal));
  const found = await inParallel(
    types,
    concurrency,
    (type) => labelledAnywhere(target, type, namespaces, signal),
    signal,
  );
  return { entries: found.flat() };
}

async function labelledAnywhere(
  target: ApplyTarget,
  type: ResourceType,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<readonly InventoryEntry[]> {
  const everywhere = await labelledOf(target, { type }, signal);
  if (everywhere !== undefined || !type.namespaced) return everywhere ?? [];
  const found: InventoryEntry[] = [];
  for (const namespace of namespaces) found.push(...((await labelledOf(target, { type, namespace }, signal)) ?? []));
  return found;
}

/** Undefined where it may not be read. */
async function labelledOf(
  target: ApplyTarget,
  { type, ...where }: { readonly type: ResourceType; readonly namespace?: string },
  signal: AbortSignal,
): Promise<readonly InventoryEntry[] | undefined> {
  const { name, namespace } = target.owner;
  const labelSelector = `${ownerLabels.name}=${name},${ownerLabels.namespace}=${namespace}`;
  try {
    const { items } = await target.cluster.list(type, { ...where, labelSelector, metadataOnly: true }, signal);
    return items.filter(isApplied).map(({ metadata }) => {
      const id = { group: type.group, kind: type.kind, namespace: metadata.namespace ?? "", name: metadata.name };
      return inventoryEntry(id, type.version);
    });
  } catch (thrown) {
    const code = thrown instanceof Failure ? thrown.code : undefined;
    if (code === "Forbidden" || code === "KindUnknown") return undefined;
    throw thrown;
  }
}

/** Each kind once, in the version that the API server prefers. */
function prunable(types: readonly ResourceType[]): readonly ResourceType[] {
  const able = types.filter(({ verbs }) => verbs.includes("list") && verbs.includes("delete"));
  return [...new Map(able.toReversed().map((type) => [`${type.kind}.${type.group}`, type])).values()];
}

/** Controllers copy labels to what they make, such as those of a Service to its EndpointSlices: those are not ours to prune. */
function isApplied(object: KubeObject): boolean {
  return listAt(object, "metadata", "managedFields").some(
    (entry) => stringAt(entry, "manager") === fieldManager && stringAt(entry, "operation") === "Apply",
  );
}
