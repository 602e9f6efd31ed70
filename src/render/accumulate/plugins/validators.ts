import { Failure } from "../../../model/failure.ts";
import { sameValue } from "../../merge/json-patch.ts";
import { describeResId } from "../../resource/res-id.ts";
import { currentId, metaTexts, type Resource, setMetaTexts } from "../../resource/resource.ts";
import { cloneMap, type ValueMap } from "../../value/value.ts";
import type { Accumulation, KustomizationScope } from "../build.ts";
import { loadPluginTransformers } from "./transformers.ts";

/**
 * Runs the validators of a kustomization: transformers that may only look. Throws `Failure` (RenderFailed) where one of
 * them changes an object; a label `validated-by` does not count.
 */
export async function runValidators(target: KustomizationScope, { set }: Accumulation): Promise<void> {
  for (const { by, run } of await loadPluginTransformers(target, target.kustomization.validators ?? [])) {
    const before = new Map(set.resources.map((resource) => [resource, cloneMap(resource.value)]));
    run(set);
    const changed = set.resources.find((resource) => {
      const original = before.get(resource);
      return original === undefined || !sameValue(original, unlabelled(resource));
    });
    if (changed === undefined && set.resources.length === before.size) continue;
    throw new Failure("RenderFailed", {
      message: `validator shouldn't modify the resource map: ${by.kind} ${by.name ?? ""} changes an object`,
      ...(changed !== undefined && { object: describeResId(currentId(changed, set.scope)) }),
      field: "validators",
    });
  }
}

function unlabelled(resource: Resource): ValueMap {
  const labels = metaTexts(resource, "labels");
  if (!labels.has("validated-by")) return resource.value;
  const copy = { ...resource, value: cloneMap(resource.value) };
  setMetaTexts(copy, "labels", new Map([...labels].filter(([key]) => key !== "validated-by")));
  return copy.value;
}
