import { effectiveNamespace, type ResId } from "../../resource/res-id.ts";
import { currentId, formerIds, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";

/** An object that others may refer to by a name it once had. */
export interface Candidate {
  readonly resource: Resource;
  readonly id: ResId;
  readonly formerIds: readonly ResId[];
  /** The namespace it was first in. */
  readonly originalNamespace: string;
}

/** All objects of a build by the namespace they were first in. */
export interface NamespaceGroups {
  readonly original: ReadonlyMap<string, readonly Candidate[]>;
}

/** The objects that were renamed or moved, by every name they had before, in the order in which they were loaded. */
export function candidatesByName(set: ResourceSet): ReadonlyMap<string, readonly Candidate[]> {
  const byName = new Map<string, Candidate[]>();
  for (const resource of set.resources) {
    if (resource.former.length === 0) continue;
    const candidate = toCandidate(resource, set);
    for (const name of new Set(resource.former.map((former) => former.name))) {
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [candidate]);
      else same.push(candidate);
    }
  }
  return byName;
}

/** All objects by the namespace they were first in. */
export function namespaceGroups(set: ResourceSet): NamespaceGroups {
  const candidates = set.resources.map((resource) => toCandidate(resource, set));
  return { original: Map.groupBy(candidates, (candidate) => candidate.originalNamespace) };
}

function toCandidate(resource: Resource, { scope }: ResourceSet): Candidate {
  const id = currentId(resource, scope);
  const former = formerIds(resource);
  return { resource, id, formerIds: former, originalNamespace: effectiveNamespace(former[0] ?? id) };
}
