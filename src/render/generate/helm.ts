import { Failure } from "../../model/failure.ts";
import type { Origin } from "../../model/manifest.ts";
import type { HelmChart, HelmGlobals } from "../kustomization/fields.ts";
import { type Loader, locate } from "../load/loader.ts";
import { readResources } from "../load/read-resources.ts";
import type { Resource } from "../resource/resource.ts";
import { goJson } from "../transform/hash.ts";

/** Runs helm with arguments, from the root of the tree, and answers with what it printed. */
export type Helm = (args: readonly string[]) => Promise<string>;

/** A chart to render, and what it is rendered with. */
export interface ChartRequest {
  readonly chart: HelmChart;
  readonly globals: HelmGlobals;
  /** The namespace for charts that name none. */
  readonly namespace: string;
}

/**
 * Renders a chart with helm. Paths in the arguments are relative to the root of the tree; a chart that is not in the tree
 * is taken from its repository by helm itself.
 * Throws `Failure` (ToolMissing) where helm is not allowed to run, (KustomizationInvalid) where the request makes no sense.
 * Source: sigs.k8s.io/kustomize/api/internal/builtins/HelmChartInflationGenerator.go.
 */
export async function renderChart(
  loader: Loader,
  request: ChartRequest,
  { helm, origin }: { readonly helm: Helm | undefined; readonly origin: Origin },
): Promise<readonly Resource[]> {
  const name = request.chart.name ?? "";
  if (helm === undefined) {
    throw new Failure("ToolMissing", {
      message: `must specify --enable-helm: the chart '${name}' can only be rendered by helm`,
      field: "helmCharts",
      hint: "or render the chart once and commit the output",
    });
  }
  const output = await helm(await helmArguments(loader, request));
  const resources = readResources(output, { file: `helm chart ${name}`, chain: origin.chain });
  for (const resource of resources) resource.fromHelm = true;
  return resources;
}

/** The arguments that render a chart. */
async function helmArguments(loader: Loader, { chart, globals, namespace }: ChartRequest): Promise<string[]> {
  const { name = "", releaseName = "" } = chart;
  if (name === "") throw invalid("chart name cannot be empty");
  if (name.startsWith("-")) throw invalid(`chart name must not start with '-', got "${name}"`);
  if (releaseName.startsWith("-")) throw invalid(`releaseName must not start with '-', got "${releaseName}"`);
  if (chart.valuesMerge !== undefined && chart.valuesMerge !== "override") {
    throw invalid(`valuesMerge '${chart.valuesMerge}' is not supported: inline values override those of the files`);
  }
  const files = [...(chart.valuesFile ? [chart.valuesFile] : []), ...(chart.additionalValuesFiles ?? [])];
  const values: string[] = [];
  for (const file of files) values.push("-f", (await locate(loader, file, "file")).path);
  return [
    "template",
    releaseName || "--generate-name",
    ...(await chartReference(loader, chart, globals.chartHome || "charts")),
    ...option("--namespace", chart.namespace || namespace),
    ...option("--name-template", chart.nameTemplate),
    ...values,
    ...inlineValues(chart),
    ...(chart.apiVersions ?? []).flatMap((version) => ["--api-versions", version]),
    ...option("--kube-version", chart.kubeVersion),
    ...(chart.includeCRDs ? ["--include-crds"] : []),
    ...(chart.skipTests ? ["--skip-tests"] : []),
    ...(chart.skipHooks ? ["--no-hooks"] : []),
    ...(chart.debug ? ["--debug"] : []),
    ...(chart.devel ? ["--devel"] : []),
  ];
}

const option = (flag: string, value: string | undefined): string[] => (value ? [flag, value] : []);

/** A chart that is not in the tree is fetched; anything else that is wrong with its folder is reported. */
function undefinedIfElsewhere(thrown: unknown): undefined {
  const elsewhere = thrown instanceof Failure && (thrown.code === "PathNotFound" || thrown.code === "PathEscapes");
  if (!elsewhere) throw thrown;
}

/** A chart in the tree by its path, any other by name, repository and version. */
async function chartReference(loader: Loader, chart: HelmChart, home: string): Promise<string[]> {
  const { name = "", repo = "", version = "" } = chart;
  const folder = version !== "" && repo !== "" ? `${home}/${name}-${version}/${name}` : `${home}/${name}`;
  const local = await locate(loader, folder, "file").catch(undefinedIfElsewhere);
  // A folder named like a flag would be one to helm.
  if (local?.kind === "directory") return [local.path.startsWith("-") ? `./${local.path}` : local.path];
  if (repo === "") throw invalid(`no repo specified for pull, no chart found at '${folder}'`);
  if (repo.startsWith("oci://")) return [`${repo.replace(/\/$/, "")}/${name}`, ...option("--version", version)];
  return [name, "--repo", repo, ...option("--version", version)];
}

function inlineValues(chart: HelmChart): string[] {
  return [...(chart.valuesInline ?? [])].flatMap(([key, value]) => [
    "--set-json",
    `${key.replaceAll(/[.,\\={}[\]]/g, (character) => `\\${character}`)}=${goJson(value)}`,
  ]);
}

function invalid(message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field: "helmCharts" });
}
