import { Failure, type Problem } from "../../model/failure.ts";
import { isObject, type Json, type JsonObject, objectAt, stringAt } from "../../model/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId, groupOf } from "../../model/object-id.ts";
import { decodeBase64, encodeBase64 } from "../base64.ts";
import { decryptFile, formatOfName, sopsFormat } from "./file.ts";
import type { SopsKeys } from "./keys.ts";
import { isEncryptedByRule, readMetadata, type SopsMetadata } from "./metadata.ts";
import { contextOf } from "./opening.ts";
import { decryptValue, looksEncrypted } from "./value.ts";

/** Flux's way to leave an object encrypted. */
const disabled = "kustomize.toolkit.fluxcd.io/decrypt";

/**
 * Decrypts rendered objects as Flux does: objects with SOPS' metadata, and Secrets with values that are files encrypted
 * with SOPS. They are marked sensitive and keep origin and digest. The MAC of the object's file was checked when it was
 * read; here each value is authenticated with its place, and what kustomize added in plain stays. Everything else passes
 * through. Throws one `Failure` (SealInvalid, UnsealFailed) with all problems; without keys, that keys are needed.
 */
export async function decryptManifests(
  manifests: readonly Manifest[],
  keys: SopsKeys | undefined,
): Promise<readonly Manifest[]> {
  const problems: Problem[] = [];
  const codes = new Set<Failure["code"]>();
  const decrypted: Manifest[] = [];
  for (const manifest of manifests) {
    try {
      decrypted.push(await decryptManifest(manifest, keys));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      codes.add(thrown.code);
      const { file, line } = manifest.origin;
      const place = { file, ...(line === undefined ? {} : { line }), object: describeId(manifest.id) };
      problems.push(...thrown.problems.map((problem) => ({ ...place, ...problem })));
    }
  }
  if (problems.length > 0) throw new Failure(codes.has("SealInvalid") ? "SealInvalid" : "UnsealFailed", problems);
  return decrypted;
}

async function decryptManifest(manifest: Manifest, keys: SopsKeys | undefined): Promise<Manifest> {
  const { object } = manifest;
  if (stringAt(object, "metadata", "annotations", disabled)?.toLowerCase() === "disabled") return manifest;
  if (object.sops !== undefined) return { ...manifest, ...(await decryptObject(object, keys)), sensitive: true };
  const values = object.kind === "Secret" ? encryptedValues(object) : [];
  if (values.length === 0) return manifest;
  const data: { [name: string]: Json | undefined } = { ...objectAt(object, "data") };
  for (const { name, content } of values) data[name] = await decryptData(name, content, keys);
  return { ...manifest, object: { ...object, data }, sensitive: true };
}

async function decryptObject(object: KubeObject, keys: SopsKeys | undefined) {
  const { sops, ...rest } = object;
  const metadata = readMetadata(sops);
  const key = await required(keys).dataKey(metadata);
  const plain = openValue(rest, [], { metadata, key });
  if (!isKubeObject(plain))
    throw new Failure("SealInvalid", { message: "is no Kubernetes object when it is decrypted" });
  const { name, namespace = "" } = plain.metadata;
  return { object: plain, id: { group: groupOf(plain.apiVersion), kind: plain.kind, namespace, name } };
}

interface Decrypting {
  readonly metadata: SopsMetadata;
  readonly key: Uint8Array;
}

function openValue(value: Json | undefined, path: readonly string[], how: Decrypting): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => openValue(item, path, how) ?? null);
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, openValue(member, [...path, key], how)]),
    );
  }
  if (typeof value !== "string" || !looksEncrypted(value)) return value;
  if (!how.metadata.rules.byComment && !isEncryptedByRule(how.metadata.rules, path)) return value;
  const opened = decryptValue(value, how.key, contextOf(path));
  if (opened !== undefined) return typeof opened.value === "bigint" ? Number(opened.value) : opened.value;
  throw new Failure("SealInvalid", {
    field: path.join("."),
    message: "is not what SOPS encrypted here: it was altered, or moved to another place",
  });
}

function encryptedValues(object: JsonObject): readonly { readonly name: string; readonly content: Buffer }[] {
  return Object.entries(objectAt(object, "data") ?? {}).flatMap(([name, text]) => {
    const content = typeof text === "string" ? decodeBase64(text) : undefined;
    return content === undefined || sopsFormat(name, content) === undefined ? [] : [{ name, content }];
  });
}

async function decryptData(name: string, content: Buffer, keys: SopsKeys | undefined): Promise<string> {
  const format = sopsFormat(name, content) ?? formatOfName(name);
  return encodeBase64(await decryptFile(content, format, required(keys)));
}

function required(keys: SopsKeys | undefined): SopsKeys {
  if (keys !== undefined) return keys;
  throw new Failure("UnsealFailed", {
    message: "is encrypted with SOPS, and the environment has no keys",
    hint: "name the Secret with the keys in spec.decryption.secretRef",
  });
}

function isKubeObject(value: Json | undefined): value is KubeObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    typeof objectAt(value, "metadata")?.name === "string"
  );
}
