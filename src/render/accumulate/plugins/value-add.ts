import { Failure } from "../../../model/failure.ts";
import { splitPath } from "../../fieldspecs/field-spec.ts";
import { listOf, object, text, whole } from "../../kustomization/decode.ts";
import { selectorShape } from "../../kustomization/fields.ts";
import { decodeDocument, decodeValue } from "../../kustomization/read.ts";
import { loadFile } from "../../load/loader.ts";
import { baseName } from "../../load/paths.ts";
import { isDeleted, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { setNamespaceOf } from "../../transform/namespace.ts";
import { selectResources } from "../../transform/select/select.ts";
import { setUntyped } from "../../transform/set-fields.ts";
import { findSlots } from "../../transform/slots.ts";
import { writtenText } from "../../value/value.ts";
import { parseSettings } from "../../yaml/index.ts";
import type { KustomizationScope } from "../build.ts";
import type { Transformation } from "../transformation.ts";

const targetsShape = listOf(object({ selector: selectorShape, fieldPath: text, filePathPosition: whole }));
const shape = object({ value: text, targets: targetsShape, targetFilePath: text });

/**
 * Reads a ValueAddTransformer: it puts a value, by default the name of the kustomization's directory, into fields, or
 * between the parts of the paths that they hold.
 * Source: sigs.k8s.io/kustomize/api/filters/valueadd.
 */
export async function loadValueAdd(
  target: KustomizationScope,
  config: Resource,
): Promise<readonly Transformation["run"][]> {
  const input = decodeValue(config.value, shape, config.origin) ?? {};
  const value = input.value?.trim() || baseName(target.loader.root);
  const targets = [...(input.targets ?? []), ...(await targetsOfFile(target, input.targetFilePath))];
  if (targets.length === 0) throw invalid(config, "must specify at least one target");
  if (targets.some(({ fieldPath }) => !fieldPath)) throw invalid(config, "fieldPath cannot be empty");
  if (targets.some(({ filePathPosition = 0 }) => filePathPosition < 0)) {
    throw invalid(config, "value of FilePathPosition cannot be negative");
  }
  return targets.map(({ selector, fieldPath = "", filePathPosition = 0 }) => (set: ResourceSet) => {
    const chosen = selector === undefined ? set.resources : selectResources(set, selector);
    for (const resource of chosen) {
      if (isDeleted(resource)) continue;
      if (fieldPath === "metadata/namespace") {
        setNamespaceOf(resource, { namespace: value, specs: [], subjects: "defaultOnly", unsetOnly: false }, set);
      } else addValue(resource, fieldPath, { value, position: filePathPosition });
    }
    set.idsChanged();
  });
}

async function targetsOfFile({ loader, context }: KustomizationScope, path: string | undefined) {
  if (!path) return [];
  const file = await loadFile(loader, path);
  const document = parseSettings(file.content, file.path);
  if (document === undefined) return [];
  const lenient = { file: file.path, chain: context.chain, lenient: true };
  return decodeDocument(document, object({ targets: targetsShape }), lenient)?.targets ?? [];
}

function addValue(
  resource: Resource,
  fieldPath: string,
  { value, position }: { readonly value: string; readonly position: number },
): void {
  for (const slot of findSlots(resource.value, splitPath(fieldPath, "/"), () => "")) {
    const part = position === 0 ? value : insertPart(writtenText(slot.parent, slot.key), position - 1, value);
    setUntyped(slot.parent, slot.key, part);
  }
}

/** Puts a part into a path, before the part at an index; behind the last where there are not so many. */
function insertPart(path: string, index: number, part: string): string {
  const absolute = path.startsWith("/");
  const parts = path.split("/").filter((piece) => piece !== "");
  parts.splice(index, 0, part);
  return (absolute ? "/" : "") + parts.join("/");
}

function invalid(config: Resource, message: string): Failure {
  return new Failure("KustomizationInvalid", { message, ...config.origin });
}
