import { Failure } from "../model/failure.ts";
import type { Accumulation } from "./accumulate/build.ts";
import { resolveVars } from "./accumulate/vars.ts";
import type { Kustomization } from "./kustomization/kustomization.ts";
import { describeResId } from "./resource/res-id.ts";
import { currentId, metaTexts, nameOf } from "./resource/resource.ts";
import { addHashes } from "./transform/hash.ts";
import { followLinks } from "./transform/linked-entries.ts";
import { followNames } from "./transform/references/name-reference.ts";
import { sortResources } from "./transform/sort.ts";

/**
 * What is done once all kustomizations have come together: names get their hashes, references follow names,
 * vars their values; objects that are only configuration are left out, and all are put in order. Returns warnings.
 */
export function finish(
  accumulation: Accumulation,
  kustomization: Kustomization,
  order: "none" | "legacy" | undefined,
): readonly string[] {
  const { set, config } = accumulation;
  addHashes(set);
  followNames(set, config.nameReference);
  const unused = resolveVars(accumulation);
  for (const resource of set.resources) followLinks(resource);
  for (const resource of set.resources) {
    if (nameOf(resource) !== "") continue;
    const id = currentId(resource, set.scope);
    if (id.kind.endsWith("List")) continue;
    throw new Failure("RenderFailed", {
      message: "missing metadata.name after all transformations",
      object: describeResId(id),
      ...resource.origin,
    });
  }
  set.retain(
    (resource) => (metaTexts(resource, "annotations").get("config.kubernetes.io/local-config") ?? "false") === "false",
  );
  if (kustomization.sortOptions !== undefined) sortResources(set, kustomization.sortOptions);
  else if (order !== "none") sortResources(set, { order: "legacy" });
  return unused.length === 0 ? [] : [`well-defined vars that were never replaced: ${unused.join(",")}`];
}
