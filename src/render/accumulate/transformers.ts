import { Failure } from "../../model/failure.ts";
import { FieldSpecConflict } from "../fieldspecs/field-spec.ts";
import { noteTransformer } from "../provenance/provenance.ts";
import { isDeleted } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { addAffix } from "../transform/affix.ts";
import { setImage } from "../transform/images.ts";
import { labelFields, setEntries } from "../transform/labels.ts";
import { followLinks } from "../transform/linked-entries.ts";
import { setNamespaces } from "../transform/namespace.ts";
import { setReplicas } from "../transform/replicas.ts";
import { type Accumulation, fileLocation, type KustomizationScope } from "./build.ts";
import { loadJsonPatches, loadPatches, loadStrategicPatches } from "./patches.ts";
import { loadPluginTransformers } from "./plugins/transformers.ts";
import { loadReplacements } from "./replacements.ts";
import type { Transformation } from "./transformation.ts";

/** Reads all that a kustomization's transformations need, then runs them one after the other, in kustomize's order. */
export async function runTransformers(target: KustomizationScope, into: Accumulation): Promise<void> {
  const { budget } = target.build;
  const before = budget.bytesRead;
  const transformations = [
    ...(await ownTransformations(target, into)),
    ...(await loadPluginTransformers(target, target.kustomization.transformers ?? [])),
  ];
  // Each text that a kustomization holds or reads may come into every object, in several places.
  const texts = target.bytes + budget.bytesRead - before;
  const weighs = budget.mayGrow(into.set.resources.length * texts * mostPlaces);
  for (const { by, field, run } of transformations) {
    withField(field, () => run(into.set));
    if (weighs) withField(field, () => budget.weigh(into.set.resources.map(({ value }) => value)));
    for (const resource of into.set.resources) followLinks(resource);
    if (target.build.metadata.length > 0) noteTransformer(into.set, { configuredIn: fileLocation(target), ...by });
    into.set.retain((resource) => !isDeleted(resource));
  }
}

/** In so many places of an object something stands that one transformation puts there, as a rule. */
const mostPlaces = 4;

/** What is too much says where it comes from. */
function withField(field: string | undefined, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    if (field === undefined || !(thrown instanceof Failure) || thrown.code !== "InputTooLarge") throw thrown;
    const problems = thrown.problems.map((problem) => ({ field, ...problem }));
    throw new Failure(thrown.code, problems, { cause: thrown });
  }
}

const builtin = (kind: string, run: Transformation["run"]): Transformation => ({
  by: { apiVersion: "builtin", kind },
  run,
});

async function ownTransformations(
  target: KustomizationScope,
  { config }: Accumulation,
): Promise<readonly Transformation[]> {
  const { kustomization } = target;
  const { namespace, namePrefix, nameSuffix } = kustomization;
  return [
    ...(await loadStrategicPatches(target, kustomization.patchesStrategicMerge ?? [])),
    ...(await loadPatches(target)),
    ...(namespace
      ? [
          builtin("NamespaceTransformer", (set) =>
            setNamespaces(set, { namespace, specs: config.namespace, subjects: "defaultOnly", unsetOnly: false }),
          ),
        ]
      : []),
    ...(namePrefix
      ? [builtin("PrefixTransformer", (set) => addAffix(set, { side: "prefix", text: namePrefix }, config.namePrefix))]
      : []),
    ...(nameSuffix
      ? [builtin("SuffixTransformer", (set) => addAffix(set, { side: "suffix", text: nameSuffix }, config.nameSuffix))]
      : []),
    ...labelTransformations(target, config),
    ...annotationTransformations(target, config),
    ...(await loadJsonPatches(target)),
    ...(kustomization.replicas ?? []).map((replica) =>
      builtin("ReplicaCountTransformer", (set) => setReplicas(set, replica, config.replicas)),
    ),
    ...kustomization.images.map((image) =>
      builtin("ImageTagTransformer", (set) => setImage(set, image, config.images)),
    ),
    ...(await loadReplacements(target, kustomization.replacements ?? [])),
  ];
}

function labelTransformations({ kustomization }: KustomizationScope, config: Accumulation["config"]): Transformation[] {
  const { labels = [], commonLabels = new Map() } = kustomization;
  if (labels.length === 0 && commonLabels.size === 0) return [];
  const own = labels.map((label, index) => {
    try {
      const fields = labelFields(label, config);
      return builtin("LabelTransformer", (set) => setEntries(set, label.pairs ?? new Map(), fields));
    } catch (thrown) {
      if (!(thrown instanceof FieldSpecConflict)) throw thrown;
      const message = `failed to merge labels: ${thrown.message}`;
      throw new Failure("KustomizationInvalid", { message, field: `labels[${index}].fields` });
    }
  });
  return [...own, builtin("LabelTransformer", (set) => setEntries(set, commonLabels, config.commonLabels))];
}

function annotationTransformations(
  { kustomization }: KustomizationScope,
  config: Accumulation["config"],
): Transformation[] {
  const { commonAnnotations } = kustomization;
  if (commonAnnotations === undefined || commonAnnotations.size === 0) return [];
  const run = (set: ResourceSet) => setEntries(set, commonAnnotations, config.commonAnnotations);
  return [builtin("AnnotationsTransformer", run)];
}
