import { parseAllDocuments } from "yaml";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { isFluxGroup } from "./replacements.ts";
import type { FluxObject, Tell } from "./report.ts";

/**
 * The objects of Flux in a text of YAML or JSON, those in lists among them. All else is passed over: a repository holds
 * files of many kinds. A document that cannot be read is told.
 */
export function fluxObjects(text: string, file: string, tell: Tell): readonly FluxObject[] {
  if (!text.includes(".fluxcd.io/")) return [];
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if ("empty" in documents) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error === undefined) return membersOf(document.toJS()).map((object) => ({ object, file }));
    const line = error.linePos?.[0].line;
    tell({ file, ...(line === undefined ? {} : { line }), message: "is not valid YAML and was skipped" });
    return [];
  });
}

function membersOf(value: unknown): readonly KubeObject[] {
  if (!isObject(value)) return [];
  if (stringAt(value, "kind")?.endsWith("List") === true) return listAt(value, "items").flatMap(membersOf);
  return isFluxObject(value) ? [value] : [];
}

function isFluxObject(value: object): value is KubeObject {
  const named = stringAt(value, "metadata", "name") !== undefined && stringAt(value, "kind") !== undefined;
  return named && isFluxGroup(groupOf(stringAt(value, "apiVersion") ?? ""));
}
