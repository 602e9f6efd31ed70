import { Failure } from "../../model/failure.ts";
import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import type { ReplicaInput } from "../kustomization/fields.ts";
import { formatGvk, isSelected } from "../resource/res-id.ts";
import { currentId, formerIds, isDeleted } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import type { Value, ValueMap } from "../value/value.ts";
import { isQuoted } from "../yaml/index.ts";
import { changeFields, setScalar } from "./set-fields.ts";

/**
 * Sets the number of replicas of the objects that have, or once had, a name.
 * Throws `Failure` (RenderFailed) where there is none of a kind that has replicas.
 */
export function setReplicas(set: ResourceSet, replica: ReplicaInput, specs: readonly FieldSpec[]): void {
  const name = replica.name ?? "";
  const count = replica.count ?? 0;
  let found = false;
  const change = (parent: ValueMap | Value[], key: string | number) => {
    // What was written in quotes stays in quotes, as kustomize keeps the style of a scalar.
    setScalar(parent, key, isQuoted(parent, key) ? String(count) : count);
  };
  for (const resource of set.resources) {
    if (isDeleted(resource)) continue;
    const ids = [...formerIds(resource), currentId(resource, set.scope)].filter((id) => id.name === name);
    if (ids.length === 0) continue;
    for (const spec of specs) {
      if (!ids.some((id) => isSelected(id, spec))) continue;
      found = true;
      changeFields(resource, [spec], { scope: set.scope, creates: "scalar", change });
    }
  }
  if (found) return;
  throw new Failure("RenderFailed", {
    message: `resource with name ${name} does not match a config with the following GVK [${specs.map(formatGvk).join(" ")}]`,
    field: "replicas",
    hint: "replicas are set on objects that are loaded by this kustomization, by their original name",
  });
}
