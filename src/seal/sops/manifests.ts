import { Failure, type Problem } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { isObject, type Json, type JsonObject, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { describeId, groupOf } from "../../model/object-id.ts";
import { decodeBase64, encodeBase64 } from "../../model/text/base64.ts";
import { findCiphertexts } from "./ciphertexts.ts";
import { withoutMetadata } from "./decrypting-tree.ts";
import type { SopsKeys } from "./encryption/keys.ts";
import {
  isEncryptedByRule,
  isMetadata,
  readMetadata,
  type SopsMetadata,
  usesCommentRules,
} from "./encryption/metadata.ts";
import { contextOf, decryptValue, looksEncrypted } from "./encryption/value.ts";
import { decryptSopsFile, readSopsFile, type SopsFile } from "./file.ts";
import { Comment, type Data, Timestamp } from "./tree.ts";
import type { VerifiedFiles } from "./verified.ts";

/** Flux's way to leave an object encrypted. */
const disabled = "kustomize.toolkit.fluxcd.io/decrypt";

/**
 * Decrypts rendered objects as Flux does: objects with SOPS' metadata, and Secrets with values that are files encrypted
 * with SOPS. They are marked sensitive and keep origin and digest. The MAC of the object's file was checked when it was
 * read (`refuseUnverified`); here each value is authenticated with its place, and what kustomize added in plain stays.
 * Everything else passes through, but for objects with encrypted values and without metadata. Throws one `Failure`
 * (SealInvalid, UnsealFailed) with all problems; without keys, that keys are needed.
 */
export async function decryptManifests(
  manifests: readonly Manifest[],
  keys: SopsKeys | undefined,
): Promise<readonly Manifest[]> {
  return forEach(manifests, (manifest) => decryptManifest(manifest, keys));
}

/** Tells whether `decryptManifests` would change or refuse an object. Decrypts nothing. */
export function concernsSops({ object }: Manifest): boolean {
  if (object.sops !== undefined || textsIn(object).some(looksEncrypted)) return true;
  if (object.kind !== "Secret") return false;
  return Object.values(objectAt(object, "data") ?? {}).some((value) => {
    return typeof value === "string" && Buffer.from(value, "base64").includes("sops");
  });
}

/**
 * Refuses rendered objects whose encrypted values do not all come from one file with a verified MAC. `tree` is the one they were rendered from, through `decryptingTree` with the same `verified`. Throws one
 * `Failure` (SealInvalid, UnsealFailed) with all problems.
 */
export async function refuseUnverified(
  manifests: readonly Manifest[],
  tree: FileTree,
  verified: VerifiedFiles,
): Promise<void> {
  await forEach(manifests, async (manifest) => {
    if (!isEncrypted(manifest.object) || isLeftAlone(manifest.object)) return manifest;
    const { apiVersion, kind } = manifest.object;
    const ciphertexts = textsIn(manifest.unsubstituted ?? manifest.object).filter(looksEncrypted);
    const claim = { apiVersion, kind, ciphertexts };
    if (verified.cover(claim)) return manifest;
    const { file } = manifest.origin;
    if ((await tree.entry(file))?.kind === "file") await tree.read(file);
    if (verified.cover(claim)) return manifest;
    throw new Failure("SealInvalid", {
      message: "holds encrypted values that do not come from one file with a valid MAC",
      hint: "SOPS values are only decrypted in the object they were encrypted in; do not copy them, nor change its kind",
    });
  });
}

async function forEach(
  manifests: readonly Manifest[],
  work: (manifest: Manifest) => Promise<Manifest>,
): Promise<readonly Manifest[]> {
  const problems: Problem[] = [];
  const codes = new Set<Failure["code"]>();
  const done: Manifest[] = [];
  for (const manifest of manifests) {
    try {
      done.push(await work(manifest));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      codes.add(thrown.code);
      const { file, line } = manifest.origin;
      const place = { file, ...(line === undefined ? {} : { line }), object: describeId(manifest.id) };
      problems.push(...thrown.problems.map((problem) => ({ ...place, ...problem })));
    }
  }
  if (problems.length > 0) throw new Failure(codes.has("SealInvalid") ? "SealInvalid" : "UnsealFailed", problems);
  return done;
}

function isLeftAlone(object: KubeObject): boolean {
  return stringAt(object, "metadata", "annotations", disabled)?.toLowerCase() === "disabled";
}

function isEncrypted(object: KubeObject): boolean {
  return isMetadata(dataIn(object.sops));
}

async function decryptManifest(manifest: Manifest, keys: SopsKeys | undefined): Promise<Manifest> {
  const { object } = manifest;
  if (isLeftAlone(object)) return manifest;
  if (isEncrypted(object)) return opened(manifest, await decryptObject(manifest.unsubstituted ?? object, keys));
  if (textsIn(object).some(looksEncrypted)) throw withoutMetadata();
  const values = object.kind === "Secret" ? encryptedValues(object) : [];
  if (values.length === 0) return manifest;
  const data: [string, Json | undefined][] = Object.entries(objectAt(object, "data") ?? {});
  const plain = new Map<string, string>();
  for (const { name, file } of values) plain.set(name, encodeBase64(await decryptSopsFile(file, required(keys))));
  const complete = Object.fromEntries(data.map(([name, value]) => [name, plain.get(name) ?? value]));
  return { ...manifest, object: { ...object, data: complete }, sensitive: true };
}

/** Where variables will be substituted, the id is that of the rendered object, not of the decrypted one. */
function opened(manifest: Manifest, plain: KubeObject): Manifest {
  const { name, namespace = "" } = plain.metadata;
  const id = { group: groupOf(plain.apiVersion), kind: plain.kind, namespace, name };
  return { ...manifest, object: plain, id: manifest.unsubstituted === undefined ? id : manifest.id, sensitive: true };
}

async function decryptObject(object: KubeObject, keys: SopsKeys | undefined): Promise<KubeObject> {
  const { sops, ...rest } = object;
  const metadata = readMetadata(dataIn(sops));
  const key = await required(keys).dataKey(metadata);
  const plain = openValue(rest, [], { metadata, key });
  if (!isKubeObject(plain))
    throw new Failure("SealInvalid", { message: "is not a Kubernetes object when it is decrypted" });
  return plain;
}

interface Decrypting {
  readonly metadata: SopsMetadata;
  readonly key: Uint8Array;
}

/** The plain value; undefined for what was a comment in a list. */
function openValue(value: Json | undefined, path: readonly string[], how: Decrypting): Json | undefined {
  if (Array.isArray(value)) {
    return value.map((item: Json) => openValue(item, path, how)).filter((item) => item !== undefined);
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, openValue(member, [...path, key], how)]),
    );
  }
  if (typeof value !== "string" || !looksEncrypted(value)) return value;
  const { rules } = how.metadata;
  const isWanted = usesCommentRules(rules) || isEncryptedByRule(rules, { path, comments: [], isComment: false });
  const field = path.join(".");
  if (!isWanted) {
    throw new Failure("SealInvalid", { field, message: "is encrypted where the rules of its file say that it is not" });
  }
  const plain = decryptValue(value, { key: how.key, context: contextOf(path) });
  if (plain instanceof Comment) return undefined;
  if (plain === undefined) {
    throw new Failure("SealInvalid", {
      field,
      message: "is not what SOPS encrypted here: it was altered, or moved to another place",
    });
  }
  if (Buffer.isBuffer(plain)) {
    const hint = "put it under `data`, in base64, or encrypt it as a file of its own for a secretGenerator";
    throw new Failure("SealInvalid", { field, message: "holds bytes that are not text in UTF-8", hint });
  }
  if (plain instanceof Timestamp) return plain.text;
  return typeof plain === "bigint" ? exactNumber(plain) : plain;
}

/** A number where it can hold the integer, as everywhere. */
function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function encryptedValues(object: JsonObject): readonly { readonly name: string; readonly file: SopsFile }[] {
  return Object.entries(objectAt(object, "data") ?? {}).flatMap(([name, text]) => {
    const content = typeof text === "string" ? decodeBase64(text) : undefined;
    const file = content === undefined ? undefined : readSopsFile(name, content);
    if (file === undefined) return [];
    if (file.metadata !== undefined) return [{ name, file }];
    if (file.branches.flatMap(findCiphertexts).length > 0) {
      const { message, hint } = withoutMetadata().problems[0] ?? { message: "" };
      throw new Failure("SealInvalid", { field: `data.${name}`, message, ...(hint === undefined ? {} : { hint }) });
    }
    return [];
  });
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

/** Every text of an object but those of SOPS' own metadata. */
function textsIn(value: Json | undefined, top = true): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((item: Json) => textsIn(item, false));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => (top && key === "sops" ? [] : textsIn(member, false)));
}

function dataIn(value: Json | undefined): Data {
  if (Array.isArray(value)) return value.map((item: Json) => dataIn(item));
  if (isObject(value)) return new Map(Object.entries(value).map(([key, member]) => [key, dataIn(member)]));
  if (typeof value === "bigint") return Number(value);
  return value === undefined || typeof value === "object" ? null : value;
}
