import type { Resource } from "../resource/resource.ts";
import type { ValueMap } from "../value/value.ts";

/** Notes that a label or annotation was put into several places of an object at once. */
export function linkEntries(resource: Resource, key: string, value: string, maps: readonly ValueMap[]): void {
  if (maps.length > 1) resource.links.push({ key, value, maps });
}

/**
 * Where one of several linked labels or annotations has changed since, changes the others too. In kustomize they are one
 * and the same node of YAML: an overlay that sets a label which its base put on pods and selectors as well, changes it
 * there too, even where it asks for `metadata.labels` alone. What was taken away, or replaced as a whole, is not linked
 * any more. See sigs.k8s.io/kustomize/api/filters/filtersutil/setters.go, `SetEntry`.
 */
export function followLinks(resource: Resource): void {
  for (const link of resource.links) {
    const present = link.maps.filter((map) => link.key in map);
    const changed = present.findLast((map) => map[link.key] !== link.value)?.[link.key];
    if (typeof changed !== "string") continue;
    for (const map of present) map[link.key] = changed;
    link.value = changed;
  }
}
