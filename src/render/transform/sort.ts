import { Failure } from "../../model/failure.ts";
import type { SortOptions } from "../kustomization/fields.ts";
import { compareText, gvkSortText, kindRanks, kindsFirst, kindsLast } from "../resource/gvk-order.ts";
import { formatGvk, type ResId } from "../resource/res-id.ts";
import { currentId, type Resource } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";

/**
 * Puts objects in the order asked for: as they came (`fifo`), or by kind and then by name (`legacy`).
 * Throws `Failure` (KustomizationInvalid) where the options make no sense.
 * Source: sigs.k8s.io/kustomize/api/internal/builtins/SortOrderTransformer.go.
 */
export function sortResources(set: ResourceSet, options: SortOptions): void {
  const { order, legacySortOptions } = options;
  if (order !== "fifo" && order !== "legacy") {
    throw invalid("sortOptions.order", "the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === "fifo") {
    if (legacySortOptions === undefined) return;
    throw invalid("sortOptions.legacySortOptions", "is set but the selected sort order is 'fifo', not 'legacy'");
  }
  const first = legacySortOptions === undefined ? kindsFirst : (legacySortOptions.orderFirst ?? []);
  const last = legacySortOptions === undefined ? kindsLast : (legacySortOptions.orderLast ?? []);
  const ranks = kindRanks(first, last);
  const keys = new Map(set.resources.map((resource) => [resource, sortKey(currentId(resource, set.scope), ranks)]));
  set.sort((a, b) => compareKeys(keys, a, b));
  set.assertUnique();
}

interface SortKey {
  readonly rank: number;
  readonly gvk: string;
  /** A Namespace of the core group comes before Namespaces of other groups, against the order of letters. */
  readonly coreNamespace: boolean;
  readonly isNamespace: boolean;
  readonly id: string;
}

function sortKey(id: ResId, ranks: ReadonlyMap<string, number>): SortKey {
  const isNamespace = id.kind === "Namespace";
  return {
    rank: ranks.get(id.kind) ?? 0,
    gvk: gvkSortText(id),
    isNamespace,
    coreNamespace: isNamespace && id.group === "",
    id: `${formatGvk(id)}|${id.namespace || "~X"}|${id.name || "~N"}`,
  };
}

function compareKeys(keys: ReadonlyMap<Resource, SortKey>, a: Resource, b: Resource): number {
  const left = keys.get(a);
  const right = keys.get(b);
  if (left === undefined || right === undefined) return 0;
  if (left.gvk === right.gvk) return compareText(left.id, right.id);
  if (left.rank !== right.rank) return left.rank - right.rank;
  const reversed = left.isNamespace && right.isNamespace && (left.coreNamespace || right.coreNamespace);
  return reversed ? compareText(right.gvk, left.gvk) : compareText(left.gvk, right.gvk);
}

function invalid(field: string, message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field });
}
