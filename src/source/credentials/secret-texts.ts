import { Failure } from "../../model/failure.ts";
import { stringAt, valueAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";

/** Characters of one key; only a bundle of certificates is longer. */
const longest = 64 * 1024;
const bundles = ["ca.crt", "caFile"];

/**
 * The value of a Secret's key as text; undefined where it has none. Throws `Failure` (SourceInvalid) where it is not text, or
 * longer than anything that is read line by line.
 */
export function secretText(secret: KubeObject, key: string): string | undefined {
  const text = anyText(secret, key);
  if (text === undefined || text.length <= longest || bundles.includes(key)) return text;
  throw new Failure("SourceInvalid", {
    object: secretName(secret),
    field: `data.${key}`,
    message: `has more than ${longest} characters`,
    hint: "leave out what this source does not need",
  });
}

function anyText(secret: KubeObject, key: string): string | undefined {
  const encoded = stringAt(secret, "data", key);
  if (encoded === undefined) return stringAt(secret, "stringData", key);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    throw new Failure("SourceInvalid", {
      object: secretName(secret),
      field: `data.${key}`,
      message: "is not text in UTF-8",
    });
  }
}

/** The keys of a Secret, sorted by code unit. */
export function secretKeys(secret: KubeObject): readonly string[] {
  const maps = [valueAt(secret, "data"), valueAt(secret, "stringData")];
  return [...new Set(maps.flatMap((map) => Object.keys(map ?? {})))].sort();
}

/** How a Secret is named to people. */
export function secretName(secret: KubeObject): string {
  const { name, namespace = "" } = secret.metadata;
  return describeId({ group: "", kind: secret.kind, namespace, name });
}
