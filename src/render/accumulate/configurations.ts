import { Failure } from "../../model/failure.ts";
import { defaultConfig } from "../fieldspecs/defaults.ts";
import { type FieldSpec, FieldSpecConflict, fieldSpec, type NameReference } from "../fieldspecs/field-spec.ts";
import { emptyConfig, fieldSpecLists, mergeConfigs, type TransformerConfig } from "../fieldspecs/transformer-config.ts";
import { type DecodedFields, type Decoder, listOf, object, text } from "../kustomization/decode.ts";
import { type FieldSpecInput, fieldSpecShape } from "../kustomization/fields.ts";
import { decodeDocument } from "../kustomization/read.ts";
import { loadFile } from "../load/loader.ts";
import { gvkOrder } from "../resource/gvk-order.ts";
import { type CrdField, crdReferences } from "../schema/index.ts";
import { toFieldSpec } from "../transform/labels.ts";
import { parseSettings } from "../yaml/index.ts";
import type { KustomizationScope } from "./build.ts";

const specs = listOf(fieldSpecShape);
const configurationFields = {
  namePrefix: specs,
  nameSuffix: specs,
  namespace: specs,
  commonLabels: specs,
  labels: specs,
  templateLabels: specs,
  volumeClaimTemplateLabels: specs,
  commonAnnotations: specs,
  varReference: specs,
  images: specs,
  replicas: specs,
  nameReference: listOf(object({ group: text, version: text, kind: text, fieldSpecs: specs })),
};
const configurationShape: Decoder<DecodedFields<typeof configurationFields>> = object(configurationFields);

/**
 * Adds to a configuration the fields that a kustomization's transformations work on: the usual ones, those of its
 * `configurations`, and those that schemas in `crds` mark. Throws `Failure` (KustomizationInvalid) where they disagree.
 */
export async function addConfigurations(
  target: KustomizationScope,
  before: TransformerConfig,
): Promise<TransformerConfig> {
  const { configurations = [], crds = [] } = target.kustomization;
  if (configurations.length + crds.length === 0 && before === emptyConfig) return defaultConfig;
  try {
    let own = emptyConfig;
    for (const path of configurations) own = mergeConfigs(own, await readConfiguration(target, path));
    let marked = emptyConfig;
    for (const path of crds) marked = mergeConfigs(marked, await readCrds(target, path));
    return mergeConfigs(mergeConfigs(before, mergeConfigs(defaultConfig, own)), marked);
  } catch (thrown) {
    if (!(thrown instanceof FieldSpecConflict)) throw thrown;
    throw new Failure("KustomizationInvalid", { message: thrown.message, field: "configurations" });
  }
}

/** What two kustomizations' configurations come to together; mostly both are the usual one. */
export function joinConfigurations(first: TransformerConfig, second: TransformerConfig): TransformerConfig {
  return first === emptyConfig && second === defaultConfig ? second : mergeConfigs(first, second);
}

async function readConfiguration({ loader, context }: KustomizationScope, path: string): Promise<TransformerConfig> {
  const file = await loadFile(loader, path);
  const document = parseSettings(file.content, file.path, { duplicateKeys: false });
  if (document === undefined) return emptyConfig;
  const input = decodeDocument(document, configurationShape, { file: file.path, chain: context.chain }) ?? {};
  const lists = fieldSpecLists.map((name) => [name, (input[name] ?? []).map(toFieldSpec).sort(gvkOrder)] as const);
  const nameReference = (input.nameReference ?? []).map(({ fieldSpecs, ...kind }) => ({
    ...kind,
    referrers: (fieldSpecs ?? []).map((spec: FieldSpecInput) => toFieldSpec(spec)),
  }));
  return { ...emptyConfig, ...Object.fromEntries(lists), nameReference: nameReference.sort(gvkOrder) };
}

async function readCrds({ loader }: KustomizationScope, path: string): Promise<TransformerConfig> {
  const file = await loadFile(loader, path);
  const document = parseSettings(file.content, file.path);
  const references = crdReferences(document?.value, file.path);
  const toSpec = ({ kind, path: field }: CrdField): FieldSpec => fieldSpec(field, { kind });
  const named = references.nameReferences.map(
    ({ target, field }): NameReference => ({ ...target, referrers: [toSpec(field)] }),
  );
  return mergeConfigs(
    {
      ...emptyConfig,
      commonAnnotations: references.commonAnnotations.map(toSpec),
      commonLabels: references.commonLabels.map(toSpec),
      namePrefix: references.namePrefix.map(toSpec),
    },
    { ...emptyConfig, nameReference: named },
  );
}
