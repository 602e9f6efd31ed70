import { Failure } from "../../../model/failure.ts";
import type { FieldSpec } from "../../fieldspecs/field-spec.ts";
import { type Decoder, flag, listOf, mapOfAny, object, text } from "../../kustomization/decode.ts";
import {
  type FieldSpecInput,
  fieldSpecShape,
  imageShape,
  objectMetaShape,
  patchShape,
  replacementFieldShape,
  replicaShape,
  selectorShape,
} from "../../kustomization/fields.ts";
import { decodeValue } from "../../kustomization/read.ts";
import { kindOf, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { addAffix } from "../../transform/affix.ts";
import { addHashes } from "../../transform/hash.ts";
import { setImage } from "../../transform/images.ts";
import { setEntries, toFieldSpec } from "../../transform/labels.ts";
import { type SubjectMode, setNamespaces } from "../../transform/namespace.ts";
import { setReplicas } from "../../transform/replicas.ts";
import type { KustomizationScope } from "../build.ts";
import { loadJsonPatch, loadPatch, loadStrategicPatches } from "../patches.ts";
import { loadReplacements } from "../replacements.ts";
import type { Transformation } from "../transformation.ts";
import { configuredBy, loadPluginConfigs } from "./config.ts";
import { loadValueAdd } from "./value-add.ts";

type Run = Transformation["run"];

/** The transformers that a kustomization names, ready to run. */
export async function loadPluginTransformers(
  target: KustomizationScope,
  entries: readonly string[],
): Promise<readonly Transformation[]> {
  const transformations: Transformation[] = [];
  for (const config of await loadPluginConfigs(target, entries)) {
    const by = configuredBy(config);
    for (const run of await configure(target, config)) transformations.push({ by, run });
  }
  return transformations;
}

/** What each kind of transformer does with its configuration. */
const kinds: Readonly<
  Record<string, (target: KustomizationScope, config: Resource) => readonly Run[] | Promise<readonly Run[]>>
> = {
  AnnotationsTransformer: (_, config) => {
    const input = decode(config, object({ annotations: mapOfAny(text), fieldSpecs: listOf(fieldSpecShape) }));
    return [(set) => setEntries(set, input.annotations ?? new Map(), specsOf(input.fieldSpecs))];
  },
  LabelTransformer: (_, config) => {
    const input = decode(config, object({ labels: mapOfAny(text), fieldSpecs: listOf(fieldSpecShape) }));
    return [(set) => setEntries(set, input.labels ?? new Map(), specsOf(input.fieldSpecs))];
  },
  HashTransformer: () => [addHashes],
  ImageTagTransformer: (_, config) => {
    const input = decode(config, object({ imageTag: imageShape, fieldSpecs: listOf(fieldSpecShape) }));
    return [(set) => setImage(set, input.imageTag ?? {}, specsOf(input.fieldSpecs))];
  },
  NamespaceTransformer: (_, config) => [namespaceRun(config)],
  PrefixTransformer: (_, config) => affixRuns(config, ["prefix"]),
  SuffixTransformer: (_, config) => affixRuns(config, ["suffix"]),
  PrefixSuffixTransformer: (_, config) => affixRuns(config, ["prefix", "suffix"]),
  ReplicaCountTransformer: (_, config) => {
    const input = decode(config, object({ replica: replicaShape, fieldSpecs: listOf(fieldSpecShape) }));
    return [(set) => setReplicas(set, input.replica ?? {}, specsOf(input.fieldSpecs))];
  },
  PatchTransformer: async (target, config) => {
    return [(await loadPatch(target, decode(config, patchShape), kindOf(config))).run];
  },
  PatchJson6902Transformer: async (target, config) => {
    const { jsonOp, ...input } = decode(config, object({ target: selectorShape, path: text, jsonOp: text }));
    const patch = { ...input, ...(jsonOp !== undefined && { patch: jsonOp }) };
    return [(await loadJsonPatch(target, patch, kindOf(config))).run];
  },
  PatchStrategicMergeTransformer: async (target, config) => {
    const input = decode(config, object({ paths: listOf(text), patches: text }));
    const entries = [...(input.paths ?? []), ...(input.patches ? [`${input.patches}\n`] : [])];
    return (await loadStrategicPatches(target, entries)).map(({ run }) => run);
  },
  ReplacementTransformer: async (target, config) => {
    const input = decode(config, object({ replacements: listOf(replacementFieldShape) }));
    return (await loadReplacements(target, input.replacements ?? [])).map(({ run }) => run);
  },
  ValueAddTransformer: loadValueAdd,
};

async function configure(target: KustomizationScope, config: Resource): Promise<readonly Run[]> {
  const kind = kindOf(config);
  const configureKind = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (configureKind !== undefined) return configureKind(target, config);
  throw new Failure("KustomizationInvalid", {
    message: `unable to load builtin ${kind}: plugin ${kind} not a transformer`,
    ...config.origin,
    hint: `the transformers are ${Object.keys(kinds).join(", ")}`,
  });
}

/** Narrows the configuration of a plugin. Throws `Failure` (KustomizationInvalid). */
export function decode<T extends object>(config: Resource, decoder: Decoder<T>): T {
  const found = decodeValue(config.value, decoder, config.origin);
  if (found !== undefined) return found;
  throw new Failure("KustomizationInvalid", { message: "the configuration is empty", ...config.origin });
}

function specsOf(specs: readonly FieldSpecInput[] | undefined): readonly FieldSpec[] {
  return (specs ?? []).map(toFieldSpec);
}

const subjectModes: readonly SubjectMode[] = ["defaultOnly", "none", "allServiceAccounts"];

function namespaceRun(config: Resource): Run {
  const shape = object({
    metadata: objectMetaShape,
    fieldSpecs: listOf(fieldSpecShape),
    unsetOnly: flag,
    setRoleBindingSubjects: text,
  });
  const input = decode(config, shape);
  const subjects = subjectModes.find((mode) => mode === (input.setRoleBindingSubjects || "defaultOnly"));
  if (subjects === undefined) {
    throw new Failure("KustomizationInvalid", {
      message: `invalid value "${input.setRoleBindingSubjects}": must be one of ${subjectModes.join(", ")}`,
      field: "setRoleBindingSubjects",
      ...config.origin,
    });
  }
  const namespace = input.metadata?.namespace ?? "";
  const rule = { namespace, specs: specsOf(input.fieldSpecs), subjects, unsetOnly: input.unsetOnly === true };
  return (set) => setNamespaces(set, rule);
}

function affixRuns(config: Resource, sides: readonly ("prefix" | "suffix")[]): Run[] {
  const input = decode(config, object({ prefix: text, suffix: text, fieldSpecs: listOf(fieldSpecShape) }));
  if (input.fieldSpecs === undefined) {
    const message = "fieldSpecs is not expected to be nil";
    throw new Failure("KustomizationInvalid", { message, field: "fieldSpecs", ...config.origin });
  }
  const specs = specsOf(input.fieldSpecs);
  return sides.map((side) => (set: ResourceSet) => addAffix(set, { side, text: input[side] ?? "" }, specs));
}
