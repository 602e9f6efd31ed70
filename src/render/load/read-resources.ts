import { Failure, type Problem } from "../../model/failure.ts";
import type { FileContext } from "../kustomization/read.ts";
import { makeResource, type Resource } from "../resource/resource.ts";
import {
  asWrittenAnew,
  isEmpty,
  isList,
  isMap,
  mapAt,
  nodeKind,
  textOf,
  type Value,
  type ValueMap,
} from "../value/value.ts";
import { duplicateWithin, parseDocuments, type YamlDocument } from "../yaml/index.ts";
import { absorbBuildAnnotations } from "./build-annotations.ts";

/** Lists within lists within lists: more than this is no configuration. */
const maxListDepth = 20;

/**
 * The objects of a file: every document of it, lists (kinds that end in `List`) taken apart, empty documents left out.
 * Of a key that is there twice the first counts until the object is read again; see `reread`.
 * Throws `Failure` (YamlInvalid, RenderFailed) with all documents that are not objects of the Kubernetes API.
 */
export function readResources(content: Uint8Array | string, context: FileContext): Resource[] {
  const documents = parseDocuments(content, context.file, { duplicateKeys: true });
  const problems: Problem[] = [];
  const resources: Resource[] = [];
  for (const document of documents) {
    for (const value of unwrap(document, documents.length === 1)) {
      const wrong = objectProblem(value);
      if (wrong === undefined && isMap(value)) {
        for (const object of inlineLists(value, context, 0)) resources.push(resourceAt(object, document.line, context));
      } else if (wrong !== undefined) problems.push({ ...wrong, ...context, line: document.line });
    }
  }
  if (problems.length > 0) throw new Failure("RenderFailed", problems);
  return resources;
}

function resourceAt(value: ValueMap, line: number, { file, chain }: FileContext): Resource {
  const resource = makeResource(value, { file, line, chain });
  absorbBuildAnnotations(resource);
  return resource;
}

/** A file that holds nothing but one `List` is the objects of that list. */
function unwrap(document: YamlDocument, only: boolean): readonly Value[] {
  const { value } = document;
  if (!only || !isMap(value)) return [value];
  const kind = textOf(value.kind);
  if (kind !== "List" && kind !== "ResourceList") return [value];
  if (!("items" in value) && !("functionConfig" in value)) return [value];
  if (!isList(value.items)) return [];
  return value.items.filter((item) => !isEmpty(item));
}

/** What keeps a value from being an object of the API; undefined where nothing does. */
function objectProblem(value: Value): Problem | undefined {
  if (!isMap(value)) {
    return { message: `missing Resource metadata: expected an object of the Kubernetes API, found ${nodeKind(value)}` };
  }
  const kind = textOf(value.kind);
  const name = textOf(mapAt(value, "metadata")?.name);
  if (kind === "") return { message: `missing kind in object '${name}'`, field: "kind" };
  if (kind.endsWith("List") || name !== "") return undefined;
  return { message: `missing metadata.name in object of kind ${kind}`, object: kind, field: "metadata.name" };
}

function inlineLists(object: ValueMap, context: FileContext, depth: number): ValueMap[] {
  const kind = textOf(object.kind);
  const items = object.items;
  if (!kind.endsWith("List") || items === undefined) return [object];
  if (items === null) return [];
  if (!isList(items)) {
    throw new Failure("RenderFailed", {
      message: `expected a list in ${kind}/items, found ${nodeKind(items)}`,
      object: kind,
      field: "items",
      ...context,
    });
  }
  const twice = duplicateWithin(items);
  if (twice !== undefined) throw new Failure("YamlInvalid", { ...twice, chain: context.chain });
  if (depth > maxListDepth) throw new Failure("InputTooLarge", { message: "lists are nested too deeply", ...context });
  return items
    .filter((item) => !isEmpty(item))
    .flatMap((item) => {
      const wrong = objectProblem(item);
      if (wrong !== undefined || !isMap(item))
        throw new Failure("RenderFailed", { ...wrong, message: wrong?.message ?? "", ...context });
      return inlineLists(asWrittenAnew(item), context, depth + 1);
    });
}
