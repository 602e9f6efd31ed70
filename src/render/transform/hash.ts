import { createHash } from "node:crypto";
import { compareText } from "../resource/gvk-order.ts";
import { kindOf, metadataOf, nameOf, type Resource, rememberId } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { cloneValue, isList, isMap, mapOf, type Value, writtenText } from "../value/value.ts";
import { reread } from "../yaml/index.ts";

/** Gives every generated object that asks for it a name that says its content, so that a change of it makes a new one. */
export function addHashes(set: ResourceSet): void {
  for (const resource of set.resources) {
    if (!resource.needsHash) continue;
    const hash = contentHash(resource);
    rememberId(resource, set.scope);
    metadataOf(resource).name = `${nameOf(resource)}-${hash}`;
  }
  set.idsChanged();
}

/** Digits and letters that kustomize writes instead, so that no hash is a word or a number. */
const safer: Readonly<Record<string, string>> = { 0: "g", 1: "h", 3: "k", a: "m", e: "t" };

/**
 * The ten characters that say the content of an object: of a ConfigMap its data, of a Secret its data and type.
 * Source: sigs.k8s.io/kustomize/api/hasher. (It means to take in the name too, but looks for it in the wrong place.)
 */
function contentHash(resource: Resource): string {
  const hex = createHash("sha256")
    .update(goJson(hashed(resource)))
    .digest("hex");
  return [...hex.slice(0, 10)].map((character) => safer[character] ?? character).join("");
}

function hashed(resource: Resource): Value {
  const { value } = resource;
  const content = (field: string): Value => {
    const found = value[field];
    if (!isMap(found) && !isList(found)) return writtenText(value, field);
    const copy = cloneValue(found);
    // What is wrong with it is reported in the end, with its place.
    reread(copy);
    return copy;
  };
  const kind = kindOf(resource);
  if (kind !== "ConfigMap" && kind !== "Secret") return value;
  const parts: [string, Value][] = [
    ["kind", kind],
    ["name", ""],
    ["data", content("data")],
  ];
  if (kind === "Secret") parts.push(["type", content("type")]);
  const extra = kind === "Secret" ? "stringData" : "binaryData";
  if (isMap(value[extra])) parts.push([extra, content(extra)]);
  return mapOf(parts);
}

/** JSON as Go writes it: keys sorted, and what could end a script element written as an escape. */
export function goJson(value: Value): string {
  if (isList(value)) return `[${value.map(goJson).join(",")}]`;
  if (isMap(value)) {
    const keys = Object.keys(value).sort(compareText);
    return `{${keys.map((key) => `${goString(key)}:${goJson(value[key] ?? null)}`).join(",")}}`;
  }
  return typeof value === "string" ? goString(value) : String(value);
}

const escapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => escapes[character] ?? character,
  );
}
