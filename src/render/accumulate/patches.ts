import { Failure } from "../../model/failure.ts";
import type { PatchInput } from "../kustomization/fields.ts";
import type { FileContext } from "../kustomization/read.ts";
import { loadFile } from "../load/loader.ts";
import { readResources } from "../load/read-resources.ts";
import { isRemoteFile } from "../load/remote.ts";
import type { Resource } from "../resource/resource.ts";
import { patchById, patchByIdAsTexts, patchSelected, patchWithOperations } from "../transform/patch/patch.ts";
import { readJsonPatch, readPatch } from "../transform/patch/source.ts";
import type { KustomizationScope } from "./build.ts";
import type { Transformation } from "./transformation.ts";

/** The patches of `patches`, each one transformation. Throws `Failure` (KustomizationInvalid and those of reading). */
export async function loadPatches(target: KustomizationScope): Promise<Transformation[]> {
  const loaded: Transformation[] = [];
  for (const [index, input] of (target.kustomization.patches ?? []).entries()) {
    loaded.push(await loadPatch(target, input, `patches[${index}]`));
  }
  return loaded;
}

/** One patch of either kind as a transformation; `field` says where it is written. */
export async function loadPatch(target: KustomizationScope, input: PatchInput, field: string): Promise<Transformation> {
  const { content, context } = await patchText(target, { path: input.path, inline: input.patch?.trim() }, field);
  const patch = readPatch(content, context);
  const by = { apiVersion: "builtin", kind: "PatchTransformer" };
  const selector = input.target;
  if (patch.kind === "json") {
    if (patch.operations.length === 0) return { by, run: () => undefined };
    if (selector === undefined) throw invalid(`${field}.target`, "must specify a target for a JSON patch");
    return { by, field, run: (set) => patchWithOperations(set, selector, patch.operations, true) };
  }
  const { find } = target.build.schemas;
  const options = input.options ?? {};
  const [first] = patch.patches;
  if (selector === undefined || first === undefined) {
    return { by, field, run: (set) => patchById({ set, find, options }, patch.patches) };
  }
  if (patch.patches.length > 1) {
    const message = "multiple strategic-merge patches in one entry of patches cannot have a target: split them";
    throw invalid(`${field}.target`, message);
  }
  return { by, field, run: (set) => patchSelected({ set, find, options }, selector, first) };
}

/** Strategic-merge patches, all one transformation; each entry is a patch, or else the path of a file of patches. */
export async function loadStrategicPatches(
  target: KustomizationScope,
  paths: readonly string[],
): Promise<Transformation[]> {
  if (paths.length === 0) return [];
  const patches: Resource[] = [];
  for (const path of paths) patches.push(...(await strategicPatches(target, path)));
  if (patches.length === 0) {
    throw invalid("patchesStrategicMerge", `patch appears to be empty; files=[${paths.join(" ")}]`);
  }
  const { find } = target.build.schemas;
  return [
    {
      by: { apiVersion: "builtin", kind: "PatchStrategicMergeTransformer" },
      field: "patchesStrategicMerge",
      run: (set) => patchByIdAsTexts({ set, find, options: {} }, patches),
    },
  ];
}

async function strategicPatches(target: KustomizationScope, path: string): Promise<readonly Resource[]> {
  if (/[\n:{]/.test(path) && !isRemoteFile(path)) return readResources(path, target.context);
  const file = await loadFile(target.loader, path);
  return readResources(file.content, { file: file.path, chain: target.context.chain });
}

/** The patches of `patchesJson6902`, each one transformation. */
export async function loadJsonPatches(target: KustomizationScope): Promise<Transformation[]> {
  const loaded: Transformation[] = [];
  for (const [index, input] of (target.kustomization.patchesJson6902 ?? []).entries()) {
    loaded.push(await loadJsonPatch(target, input, `patchesJson6902[${index}]`));
  }
  return loaded;
}

/** One JSON patch as a transformation; `field` says where it is written. */
export async function loadJsonPatch(
  target: KustomizationScope,
  input: PatchInput,
  field: string,
): Promise<Transformation> {
  const selector = input.target;
  if (!selector?.name) throw invalid(`${field}.target.name`, "must specify the target name");
  const { content, context } = await patchText(target, { path: input.path, inline: input.patch }, field);
  const operations = readJsonPatch(content, context);
  if (operations.length === 0) throw invalid(field, "patch appears to be empty");
  return {
    by: { apiVersion: "builtin", kind: "PatchJson6902Transformer" },
    field,
    run: (set) => patchWithOperations(set, selector, operations, false),
  };
}

interface PatchText {
  readonly path: string | undefined;
  readonly inline: string | undefined;
}

async function patchText(
  target: KustomizationScope,
  { path, inline }: PatchText,
  field: string,
): Promise<{ readonly content: Uint8Array | string; readonly context: FileContext }> {
  if (!path && !inline) throw invalid(field, "must specify one of patch and path");
  if (path && inline) throw invalid(field, "patch and path can't be set at the same time");
  if (inline) return { content: inline, context: target.context };
  const file = await loadFile(target.loader, path ?? "");
  return { content: file.content, context: { file: file.path, chain: target.context.chain } };
}

function invalid(field: string, message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field });
}
