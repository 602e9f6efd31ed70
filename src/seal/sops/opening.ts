import { createHash, type Hash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { SopsKeys } from "./keys.ts";
import { isEncryptedByRule, type SopsMetadata } from "./metadata.ts";
import { decryptValue, looksEncrypted } from "./value.ts";

/** A value in a file, before or after. */
export type Leaf = string | number | bigint | boolean | null;

/** A file that is being decrypted: leaf by leaf in the order of the file, then the MAC. */
export interface Opening {
  /** The plain value of a leaf. Throws `Failure` (SealInvalid) for one that is not what was encrypted at this place. */
  leaf(value: Leaf, path: readonly string[]): Leaf;
  /** A comment decrypted, or as it is. */
  comment(text: string, path: readonly string[]): string;
  /** Compares the MAC over all values with the file's. Throws `Failure` (SealInvalid) where something was changed, added or taken out. */
  verify(): void;
}

/** SOPS starts so where the MAC is over encrypted values only (`MACOnlyEncryptedInitialization` in `sops.go`). */
const onlyEncryptedStart = Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex");

/** Begins to decrypt a file. Throws `Failure` (UnsealFailed) where no key fits. */
export async function openFile(metadata: SopsMetadata, keys: SopsKeys): Promise<Opening> {
  const key = await keys.dataKey(metadata);
  const hash = createHash("sha512");
  if (metadata.macOnlyEncrypted) hash.update(onlyEncryptedStart);
  return {
    leaf: (value, path) => openLeaf(value, path, { metadata, key, hash }),
    comment: (text, path) => String(decryptValue(text, key, contextOf(path))?.value ?? text),
    verify: () => verifyMac(metadata, key, hash),
  };
}

/** What a value is bound to: the keys on the way to it, with colons, one behind the last; positions in lists do not count. */
export function contextOf(path: readonly string[]): string {
  return `${path.join(":")}:`;
}

interface State {
  readonly metadata: SopsMetadata;
  readonly key: Uint8Array;
  readonly hash: Hash;
}

function openLeaf(value: Leaf, path: readonly string[], { metadata, key, hash }: State): Leaf {
  if (value === null) return null;
  const { rules, macOnlyEncrypted } = metadata;
  const encrypted = rules.byComment ? looksEncrypted(String(value)) : isEncryptedByRule(rules, path);
  if (!encrypted) {
    if (!macOnlyEncrypted) hash.update(bytesOf(value));
    return value;
  }
  const opened = typeof value === "string" ? decryptValue(value, key, contextOf(path)) : undefined;
  if (opened === undefined) throw notSealed(path);
  hash.update(opened.bytes);
  return opened.value;
}

function notSealed(path: readonly string[]): Failure {
  return new Failure("SealInvalid", {
    field: path.join("."),
    message: "is not what SOPS encrypted here: it was altered, moved, or written in plain",
    hint: "edit the file with `sops edit`",
  });
}

function verifyMac({ mac, lastModified }: SopsMetadata, key: Uint8Array, hash: Hash): void {
  const recorded = decryptValue(mac, key, lastModified)?.value;
  if (recorded === hash.digest("hex").toUpperCase()) return;
  throw new Failure("SealInvalid", {
    field: "sops.mac",
    message: "the MAC of SOPS does not fit: a value was changed, added, moved or taken out by hand",
    hint: "edit the file with `sops edit`",
  });
}

/** A plain value as the MAC counts it (`ToBytes` in `sops.go`). */
function bytesOf(value: Exclude<Leaf, null>): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return decimal(value);
  return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : String(value);
}

/** All digits, without an exponent. */
function decimal(value: number): string {
  const text = String(value);
  const [, sign = "", whole = "", fraction = "", exponent] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0").slice(0, point)}${point < digits.length ? `.${digits.slice(point)}` : ""}`;
}
