import { Failure } from "../../../model/failure.ts";
import { readResources } from "../../load/read-resources.ts";
import { type ConfiguredBy, noteOrigin, originOf } from "../../provenance/provenance.ts";
import { describeResId } from "../../resource/res-id.ts";
import {
  apiVersionOf,
  currentId,
  kindOf,
  metaTexts,
  nameOf,
  namespaceOf,
  type Resource,
} from "../../resource/resource.ts";
import { fileLocation, type KustomizationScope } from "../build.ts";
import { emptyAccumulation } from "../empty.ts";

/**
 * The configurations of plugins that a kustomization names: written in it, in files, or built by other kustomizations.
 * Throws `Failure` (KustomizationInvalid) naming every plugin that is not one of kustomize's own.
 */
export async function loadPluginConfigs(
  target: KustomizationScope,
  entries: readonly string[],
): Promise<readonly Resource[]> {
  const configs = emptyAccumulation(target.build);
  const paths: string[] = [];
  for (const entry of entries.filter((each) => each !== "")) {
    if (!isInline(entry)) {
      paths.push(entry);
      continue;
    }
    const inline = readResources(entry, target.context);
    if (target.build.metadata.length > 0) for (const resource of inline) noteOrigin(resource, fileLocation(target));
    configs.set.appendAll(inline);
  }
  await target.build.addAll(target, configs, paths);
  const { resources } = configs.set;
  const foreign = resources.filter((resource) => apiVersionOf(resource) !== "builtin");
  if (foreign.length === 0) return resources;
  throw new Failure(
    "KustomizationInvalid",
    foreign.map((resource) => ({
      message: `external plugins disabled; unable to load external plugin '${kindOf(resource)}'`,
      object: describeResId(currentId(resource, configs.set.scope)),
      ...resource.origin,
      hint: "a build runs no programs: only kustomize's own plugins are available, with apiVersion builtin",
    })),
  );
}

/** An entry is either a path or a configuration, which has more than one line or is in braces. */
const isInline = (entry: string) => entry.includes("\n") || entry.trimStart().startsWith("{");

/** Who a plugin's work is put down to in `buildMetadata`. */
export function configuredBy(config: Resource): ConfiguredBy {
  return {
    configuredIn: originOf(metaTexts(config, "annotations")) ?? { path: config.origin.file },
    apiVersion: apiVersionOf(config),
    kind: kindOf(config),
    name: nameOf(config),
    namespace: namespaceOf(config),
  };
}
