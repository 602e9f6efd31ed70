import type { KustomizationInput } from "./fields.ts";

/** A kustomization as it was read, with deprecated fields moved to where they belong now. */
export type Kustomization = Omit<
  KustomizationInput,
  "kind" | "apiVersion" | "bases" | "imageTags" | "helmChartInflationGenerator" | "resources" | "images"
> & {
  readonly kind: string;
  readonly apiVersion: string;
  readonly resources: readonly string[];
  readonly images: NonNullable<KustomizationInput["images"]>;
};

export const KUSTOMIZATION_VERSION = "kustomize.config.k8s.io/v1beta1";
export const COMPONENT_VERSION = "kustomize.config.k8s.io/v1alpha1";

const automatic = "Run 'kustomize edit fix' to update your Kustomization automatically.";

const deprecations = [
  ["bases", "resources", automatic],
  ["commonLabels", "labels", automatic],
  ["imageTags", "images", automatic],
  ["patchesJson6902", "patches", automatic],
  ["patchesStrategicMerge", "patches", automatic],
  ["vars", "replacements", `[EXPERIMENTAL] ${automatic}`],
] as const;

/** The warnings kustomize prints for deprecated fields, word for word and in its order. */
export function deprecationWarnings(input: KustomizationInput): readonly string[] {
  return deprecations
    .filter(([field]) => input[field] !== undefined)
    .map(([old, field, how]) => `# Warning: '${old}' is deprecated. Please use '${field}' instead. ${how}`);
}

/** Moves what deprecated fields hold to the fields that replaced them, and fills in kind and apiVersion. */
export function modernize(input: KustomizationInput): Kustomization {
  const { bases, imageTags, helmChartInflationGenerator, ...rest } = input;
  const kind = input.kind || "Kustomization";
  const charts = (helmChartInflationGenerator ?? []).map(modernChart);
  const globals = input.helmGlobals ?? oldGlobals(helmChartInflationGenerator ?? []);
  return {
    ...rest,
    kind,
    apiVersion: input.apiVersion || (kind === "Component" ? COMPONENT_VERSION : KUSTOMIZATION_VERSION),
    resources: [...(input.resources ?? []), ...(bases ?? [])],
    images: [...(input.images ?? []), ...(imageTags ?? [])],
    ...(charts.length > 0 && { helmCharts: [...(input.helmCharts ?? []), ...charts] }),
    ...(globals !== undefined && { helmGlobals: globals }),
  };
}

type OldChart = NonNullable<KustomizationInput["helmChartInflationGenerator"]>[number];

function modernChart(old: OldChart): NonNullable<KustomizationInput["helmCharts"]>[number] {
  return {
    ...(old.chartName !== undefined && { name: old.chartName }),
    ...(old.chartVersion !== undefined && { version: old.chartVersion }),
    ...(old.chartRepoUrl !== undefined && { repo: old.chartRepoUrl }),
    ...(old.values !== undefined && { valuesFile: old.values }),
    ...(old.valuesLocal !== undefined && { valuesInline: old.valuesLocal }),
    ...(old.valuesMerge !== undefined && { valuesMerge: old.valuesMerge }),
    ...(old.releaseName !== undefined && { releaseName: old.releaseName }),
  };
}

function oldGlobals(charts: readonly OldChart[]): KustomizationInput["helmGlobals"] {
  const chartHome = charts.findLast((chart) => chart.chartHome)?.chartHome;
  const configHome = charts.findLast((chart) => chart.helmHome)?.helmHome;
  if (chartHome === undefined && configHome === undefined) return undefined;
  return { ...(chartHome !== undefined && { chartHome }), ...(configHome !== undefined && { configHome }) };
}
