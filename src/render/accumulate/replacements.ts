import { Failure } from "../../model/failure.ts";
import { listOf } from "../kustomization/decode.ts";
import { type ReplacementField, type ReplacementInput, replacementShape } from "../kustomization/fields.ts";
import { decodeDocument } from "../kustomization/read.ts";
import { loadFile } from "../load/loader.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { replaceFields } from "../transform/replacement/replacement.ts";
import { isList } from "../value/value.ts";
import { parseSettings } from "../yaml/index.ts";
import type { KustomizationScope } from "./build.ts";
import type { Transformation } from "./transformation.ts";

const replacementList = listOf(replacementShape);

/** The replacements of a kustomization, those in files read, as one transformation. */
export async function loadReplacements(
  target: KustomizationScope,
  fields: readonly ReplacementField[],
): Promise<readonly Transformation[]> {
  if (fields.length === 0) return [];
  const replacements: ReplacementInput[] = [];
  for (const field of fields) replacements.push(...(await loadReplacement(target, field)));
  return [
    {
      by: { apiVersion: "builtin", kind: "ReplacementTransformer" },
      run: (set) => {
        for (const [index, replacement] of replacements.entries()) replaceNumbered(set, replacement, index);
      },
    },
  ];
}

/** What is too much says which of them it was. */
function replaceNumbered(set: ResourceSet, replacement: ReplacementInput, index: number): void {
  try {
    replaceFields(set, replacement);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "InputTooLarge") throw thrown;
    const problems = thrown.problems.map((problem) => ({ field: `replacements[${index}]`, ...problem }));
    throw new Failure(thrown.code, problems, { cause: thrown });
  }
}

async function loadReplacement(
  target: KustomizationScope,
  field: ReplacementField,
): Promise<readonly ReplacementInput[]> {
  const { path, ...inline } = field;
  if (!path) return [inline];
  if (inline.source !== undefined || (inline.targets ?? []).length > 0) {
    throw invalid("cannot specify both path and inline replacement");
  }
  const file = await loadFile(target.loader, path);
  const document = parseSettings(file.content, file.path);
  if (document === undefined)
    throw invalid(`unsupported replacement type encountered within replacement path: '${path}' is empty`);
  const context = { file: file.path, chain: target.context.chain, lenient: true };
  if (isList(document.value)) return decodeDocument(document, replacementList, context) ?? [];
  const single = decodeDocument(document, replacementShape, context);
  return single === undefined ? [] : [single];
}

function invalid(message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field: "replacements.path" });
}
