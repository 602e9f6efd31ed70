import { anything, type Decoder, flag, listOf, listOfPresent, mapOfAny, object, text, whole } from "./decode.ts";

type Of<D> = D extends Decoder<infer T> ? T : never;

const texts = listOf(text);
const textMap = mapOfAny(text);

/** A field of objects of some kind, as written in a kustomization or configuration. */
export const fieldSpecShape = object({ group: text, version: text, kind: text, path: text, create: flag });
export type FieldSpecInput = Of<typeof fieldSpecShape>;

/** Which objects are meant; names are regular expressions. */
export const selectorShape = object({
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  annotationSelector: text,
  labelSelector: text,
});
export type Selector = Of<typeof selectorShape>;

export const patchShape = object({
  path: text,
  patch: text,
  target: selectorShape,
  options: object({ allowNameChange: flag, allowKindChange: flag }),
});
export type PatchInput = Of<typeof patchShape>;

const labelShape = object({
  pairs: textMap,
  includeSelectors: flag,
  includeTemplates: flag,
  includeVolumeClaimTemplates: flag,
  fields: listOf(fieldSpecShape),
});
export type LabelInput = Of<typeof labelShape>;

export const imageShape = object({ name: text, newName: text, tagSuffix: text, newTag: text, digest: text });
export type ImageInput = Of<typeof imageShape>;

export const replicaShape = object({ name: text, count: whole });
export type ReplicaInput = Of<typeof replicaShape>;

const generatorOptionsShape = object({
  labels: textMap,
  annotations: textMap,
  disableNameSuffixHash: flag,
  immutable: flag,
});
export type GeneratorOptions = Of<typeof generatorOptionsShape>;

const generatorFields = {
  name: text,
  namespace: text,
  behavior: text,
  literals: texts,
  files: texts,
  envs: texts,
  env: text,
  options: generatorOptionsShape,
};
export const configMapShape = object(generatorFields);
export type ConfigMapInput = Of<typeof configMapShape>;

export const secretShape = object({ ...generatorFields, type: text });
export type SecretInput = Of<typeof secretShape>;

const fieldOptionsShape = object({ delimiter: text, index: whole, encoding: text, create: flag });
export type FieldOptions = Of<typeof fieldOptionsShape>;

const replacementFields = {
  source: object({
    group: text,
    version: text,
    kind: text,
    name: text,
    namespace: text,
    fieldPath: text,
    options: fieldOptionsShape,
  }),
  sourceValue: text,
  targets: listOf(
    object({
      select: selectorShape,
      reject: listOfPresent(selectorShape),
      fieldPaths: texts,
      options: fieldOptionsShape,
    }),
  ),
};
export const replacementShape = object(replacementFields);
export type ReplacementInput = Of<typeof replacementShape>;

export const replacementFieldShape = object({ ...replacementFields, path: text });
export type ReplacementField = Of<typeof replacementFieldShape>;

const varShape = object({
  name: text,
  objref: object({ apiVersion: text, group: text, version: text, kind: text, name: text, namespace: text }),
  fieldref: object({ fieldPath: text }),
});
export type VarInput = Of<typeof varShape>;

const sortOptionsShape = object({
  order: text,
  legacySortOptions: object({ orderFirst: texts, orderLast: texts }),
});
export type SortOptions = Of<typeof sortOptionsShape>;

export const helmGlobalsShape = object({ chartHome: text, configHome: text });
export type HelmGlobals = Of<typeof helmGlobalsShape>;

export const helmChartFields = {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: texts,
  valuesFile: text,
  valuesInline: mapOfAny(anything),
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: texts,
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
};
const helmChartShape = object(helmChartFields);
export type HelmChart = Of<typeof helmChartShape>;

const helmChartInflationShape = object({
  chartName: text,
  chartVersion: text,
  chartRepoUrl: text,
  chartHome: text,
  chartRepoName: text,
  helmBin: text,
  helmHome: text,
  values: text,
  valuesLocal: mapOfAny(anything),
  valuesMerge: text,
  releaseName: text,
  releaseNamespace: text,
  extraArgs: texts,
});

export const objectMetaShape = object({ name: text, namespace: text, labels: textMap, annotations: textMap });

/**
 * Every field of a kustomization.
 * Source: sigs.k8s.io/kustomize/api/types/kustomization.go.
 */
export const kustomizationShape = object({
  apiVersion: text,
  kind: text,
  metadata: objectMetaShape,
  openapi: textMap,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: textMap,
  labels: listOf(labelShape),
  commonAnnotations: textMap,
  patchesStrategicMerge: texts,
  patchesJson6902: listOf(patchShape),
  patches: listOf(patchShape),
  images: listOf(imageShape),
  imageTags: listOf(imageShape),
  replacements: listOf(replacementFieldShape),
  replicas: listOf(replicaShape),
  vars: listOf(varShape),
  sortOptions: sortOptionsShape,
  resources: texts,
  components: texts,
  crds: texts,
  bases: texts,
  configMapGenerator: listOf(configMapShape),
  secretGenerator: listOf(secretShape),
  helmGlobals: helmGlobalsShape,
  helmCharts: listOf(helmChartShape),
  helmChartInflationGenerator: listOf(helmChartInflationShape),
  generatorOptions: generatorOptionsShape,
  configurations: texts,
  generators: texts,
  transformers: texts,
  validators: texts,
  buildMetadata: texts,
});
export type KustomizationInput = Of<typeof kustomizationShape>;
