import { absorb } from "../generate/absorb.ts";
import { generateConfigMap, generateSecret, mergeOptions } from "../generate/generate.ts";
import { renderChart } from "../generate/helm.ts";
import type { ConfigMapInput } from "../kustomization/fields.ts";
import { noteGenerator } from "../provenance/provenance.ts";
import type { Resource } from "../resource/resource.ts";
import { type Accumulation, fileLocation, type KustomizationScope } from "./build.ts";
import { runPluginGenerators } from "./plugins/generators.ts";

/** Adds what a kustomization generates: ConfigMaps, Secrets, charts, and what its generators come to. */
export async function runGenerators(target: KustomizationScope, into: Accumulation): Promise<void> {
  const { kustomization, loader, context } = target;
  const withOptions = <T extends ConfigMapInput>(input: T): T => {
    const options = mergeOptions(input.options, kustomization.generatorOptions);
    return options === undefined ? input : { ...input, options };
  };
  for (const input of kustomization.configMapGenerator ?? []) {
    const made = await generateConfigMap(loader, withOptions(input), context);
    addGenerated(target, into, made, "ConfigMapGenerator");
  }
  for (const input of kustomization.secretGenerator ?? []) {
    addGenerated(target, into, await generateSecret(loader, withOptions(input), context), "SecretGenerator");
  }
  for (const chart of kustomization.helmCharts ?? []) {
    const namespace = kustomization.namespace || target.helmNamespace;
    const request = { chart, globals: kustomization.helmGlobals ?? {}, namespace };
    const made = await renderChart(loader, request, { helm: target.build.helm, origin: context });
    for (const resource of made) addGenerated(target, into, resource, "HelmChartInflationGenerator");
  }
  for (const { resource, by } of await runPluginGenerators(target)) {
    if (target.build.metadata.length > 0) noteGenerator(resource, by);
    absorb(into.set, resource);
  }
}

function addGenerated(target: KustomizationScope, into: Accumulation, resource: Resource, kind: string): void {
  if (target.build.metadata.length > 0) {
    noteGenerator(resource, { configuredIn: fileLocation(target), apiVersion: "builtin", kind });
  }
  absorb(into.set, resource);
}
