import { isObject, type Json, objectAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { isSecret } from "./mask.ts";

/** Part of a value, such as the password of a URL, that is hidden by itself; what is shorter says nothing without the rest. */
const shortestPart = 6;

/**
 * The values that an object must not give away, each also in its parts: lines, what stands behind `key:` or `key=` in a
 * line, the password of a URL. Of a Secret those of `data` and `stringData`; of another object that is sensitive, all
 * of its fields but what names it. None of any other.
 */
export function secretValues({
  object,
  sensitive,
}: {
  readonly object: KubeObject;
  readonly sensitive: boolean;
}): readonly string[] {
  if (isSecret(object)) {
    const encoded = texts(objectAt(object, "data"));
    const decoded = encoded.map((text) => Buffer.from(text, "base64").toString());
    return [...encoded, ...[...decoded, ...texts(objectAt(object, "stringData"))].flatMap(withParts)];
  }
  if (!sensitive) return [];
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object;
  return texts(rest).flatMap(withParts);
}

function texts(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "bigint") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isObject(value) ? Object.values(value).flatMap(texts) : [];
}

function withParts(value: string): readonly string[] {
  const lines = value.split("\n").map((line) => line.trim());
  const parts = lines.flatMap((line) => [line, behindKey(line), passwordOf(line)]);
  return [value.trim(), ...parts.filter((part) => part.length >= shortestPart)];
}

/** `hunter2` of `password: "hunter2"`. */
function behindKey(line: string): string {
  const value = /^[\w."'-]+\s*[:=]\s*(.*?),?$/.exec(line)?.[1] ?? "";
  return value.replace(/^(["'])(.*)\1$/, "$2");
}

/** `hunter2` of `postgres://shop:hunter2@db/shop`. */
function passwordOf(line: string): string {
  // What stands before an @, one after the other: nothing is looked at twice, however many there are.
  const before = line.split(/\s/).flatMap((word) => word.split("@").slice(0, -1));
  return before.map((part) => /:\/\/[^/:]*:(.+)/s.exec(part)?.[1]).find((found) => found !== undefined) ?? "";
}
