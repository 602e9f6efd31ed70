import { Failure } from "../../../model/failure.ts";
import { generateConfigMap, generateSecret } from "../../generate/generate.ts";
import { renderChart } from "../../generate/helm.ts";
import { object, text } from "../../kustomization/decode.ts";
import {
  configMapShape,
  helmChartFields,
  helmGlobalsShape,
  objectMetaShape,
  secretShape,
} from "../../kustomization/fields.ts";
import type { ConfiguredBy } from "../../provenance/provenance.ts";
import { kindOf, makeResource, type Resource } from "../../resource/resource.ts";
import { mapOf } from "../../value/value.ts";
import type { KustomizationScope } from "../build.ts";
import { configuredBy, loadPluginConfigs } from "./config.ts";
import { decode } from "./transformers.ts";

/** An object that a plugin generated. */
export interface PluginOutput {
  readonly resource: Resource;
  readonly by: ConfiguredBy;
}

/** What the generators that a kustomization names come to. */
export async function runPluginGenerators(target: KustomizationScope): Promise<readonly PluginOutput[]> {
  const outputs: PluginOutput[] = [];
  for (const config of await loadPluginConfigs(target, target.kustomization.generators ?? [])) {
    const by = configuredBy(config);
    for (const resource of await generate(target, config)) outputs.push({ resource, by });
  }
  return outputs;
}

async function generate(target: KustomizationScope, config: Resource): Promise<readonly Resource[]> {
  const { loader } = target;
  const metadata = decode(config, object({ metadata: objectMetaShape })).metadata ?? {};
  switch (kindOf(config)) {
    case "ConfigMapGenerator":
      return [
        await generateConfigMap(loader, { ...named(metadata), ...decode(config, configMapShape) }, config.origin),
      ];
    case "SecretGenerator":
      return [await generateSecret(loader, { ...named(metadata), ...decode(config, secretShape) }, config.origin)];
    case "IAMPolicyGenerator":
      return [iamServiceAccount(config)];
    case "HelmChartInflationGenerator":
      return inflateChart(target, config);
    default:
      throw new Failure("KustomizationInvalid", {
        message: `plugin ${kindOf(config)} not a generator`,
        ...config.origin,
        hint: "the generators are ConfigMapGenerator, SecretGenerator, IAMPolicyGenerator and HelmChartInflationGenerator",
      });
  }
}

function inflateChart({ loader, build }: KustomizationScope, config: Resource): Promise<readonly Resource[]> {
  const chart = decode(config, object(helmChartFields));
  const request = { chart, globals: decode(config, helmGlobalsShape), namespace: "" };
  return renderChart(loader, request, { helm: build.helm, origin: config.origin });
}

function named({ name, namespace }: { readonly name?: string; readonly namespace?: string }) {
  return { ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) };
}

/** The service account of a workload that stands for one of the cloud's. */
function iamServiceAccount(config: Resource): Resource {
  const account = object({ name: text, namespace: text, projectId: text });
  const {
    cloud,
    kubernetesService = {},
    serviceAccount = {},
  } = decode(config, object({ cloud: text, kubernetesService: account, serviceAccount: account }));
  if (cloud !== "gke") {
    const message = `cloud provider ${cloud ?? ""} not supported yet`;
    throw new Failure("KustomizationInvalid", { message, field: "cloud", ...config.origin });
  }
  const email = `${serviceAccount.name ?? ""}@${serviceAccount.projectId ?? ""}.iam.gserviceaccount.com`;
  const { name = "", namespace } = kubernetesService;
  const metadata = mapOf([
    ["name", name],
    ["annotations", mapOf([["iam.gke.io/gcp-service-account", email]])],
    ...(namespace ? ([["namespace", namespace]] as const) : []),
  ]);
  const parts = [["apiVersion", "v1"] as const, ["kind", "ServiceAccount"] as const, ["metadata", metadata] as const];
  return makeResource(mapOf(parts), config.origin);
}
