import { createHash, type Hash } from "node:crypto";
import { Failure } from "../../../model/failure.ts";
import { decimal } from "../go-float.ts";
import { Branch, Comment, type Encoding, type Leaf, List, Timestamp, type Value } from "../tree.ts";
import type { SopsKeys } from "./keys.ts";
import { isEncryptedByRule, type SopsMetadata } from "./metadata.ts";
import { contextOf, decryptValue } from "./value.ts";

/** SOPS starts so where the MAC is over encrypted values only (`MACOnlyEncryptedInitialization` in `sops.go`). */
const onlyEncryptedStart = Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex");

/**
 * Decrypts all documents of a file, and returns them only once the MAC over all of them is verified.
 * Throws `Failure`: UnsealFailed where no key fits; SealInvalid for what is not as it was encrypted.
 * Source: `Tree.Decrypt` in `sops.go` and `decrypt/decrypt.go` of getsops/sops.
 */
export async function openBranches(
  branches: readonly Branch[],
  metadata: SopsMetadata,
  { keys, encoding = "utf8" }: { readonly keys: SopsKeys; readonly encoding?: Encoding },
): Promise<readonly Branch[]> {
  const key = await keys.dataKey(metadata);
  const hash = createHash("sha512");
  if (metadata.macOnlyEncrypted) hash.update(onlyEncryptedStart);
  const opening: Opening = { metadata, key, hash, encoding };
  const opened = branches.map((branch) => openBranch(branch, { path: [], comments: [] }, opening));
  verifyMac(opening);
  return opened;
}

interface Opening {
  readonly metadata: SopsMetadata;
  readonly key: Uint8Array;
  readonly hash: Hash;
  readonly encoding: Encoding;
}

/** The position of a value: its path of keys, and the comments before it at each level, which rules may match. */
interface Place {
  readonly path: readonly string[];
  readonly comments: readonly (readonly string[])[];
}

function openBranch(branch: Branch, place: Place, opening: Opening): Branch {
  let before: readonly string[] = [];
  return new Branch(
    branch.items.map((item) => {
      if (item instanceof Comment) {
        before = [...before, item.text];
        return openComment(item, { path: place.path, comments: [...place.comments, before] }, opening);
      }
      const at = { path: [...place.path, item.key], comments: [...place.comments, before] };
      const value = openValue(item.value, at, opening);
      if (value instanceof Comment) throw notSealed(at.path);
      before = [];
      return { key: item.key, value };
    }),
  );
}

function openList(list: List, place: Place, opening: Opening): List {
  let before: readonly string[] = [];
  return new List(
    list.items.map((item) => {
      if (item instanceof Comment) before = [...before, item.text];
      const value = openValue(item, { path: place.path, comments: [...place.comments, before] }, opening);
      if (!(item instanceof Comment)) before = [];
      // So it is with SOPS: an empty comment in a list comes back as an empty text.
      const isEmptied = item instanceof Comment && value instanceof Comment && value !== item && value.text === "";
      return isEmptied ? "" : value;
    }),
  );
}

function openValue(value: Value, place: Place, opening: Opening): Value {
  if (value instanceof Branch) return openBranch(value, place, opening);
  if (value instanceof List) return openList(value, place, opening);
  return value instanceof Comment ? openComment(value, place, opening) : openLeaf(value, place, opening);
}

/** As with SOPS, a comment that was never encrypted stays as it is, and so does one that does not open: it is text for people. */
function openComment(comment: Comment, { path, comments }: Place, { metadata, key, encoding }: Opening): Comment {
  if (!isEncryptedByRule(metadata.rules, { path: readable(path, encoding), comments, isComment: true })) return comment;
  const opened = decryptValue(comment.text, { key, context: contextOf(path), encoding });
  if (opened instanceof Comment) return opened;
  return typeof opened === "string" ? new Comment(opened, comment.inline) : comment;
}

function openLeaf(value: Leaf, { path, comments }: Place, opening: Opening): Leaf | Comment {
  const { metadata, key, hash, encoding } = opening;
  if (value === null) return null;
  if (!isEncryptedByRule(metadata.rules, { path: readable(path, encoding), comments, isComment: false })) {
    if (!metadata.macOnlyEncrypted) hash.update(bytesOf(value, encoding));
    return value;
  }
  const opened =
    typeof value === "string" ? decryptValue(value, { key, context: contextOf(path), encoding }) : undefined;
  if (opened === undefined) throw notSealed(path);
  if (!(opened instanceof Comment)) hash.update(bytesOf(opened, encoding));
  return opened;
}

/** The keys as the rules mean them, which are written in UTF-8. */
function readable(path: readonly string[], encoding: Encoding): readonly string[] {
  return encoding === "utf8" ? path : path.map((key) => Buffer.from(key, encoding).toString());
}

function notSealed(path: readonly string[]): Failure {
  return new Failure("SealInvalid", {
    field: path.join("."),
    message: "is not what SOPS encrypted here: it was altered, moved, or replaced by a plain value",
    hint: "edit the file with `sops edit`",
  });
}

function verifyMac({ metadata: { mac, lastModified }, key, hash }: Opening): void {
  const recorded = decryptValue(mac, { key, context: lastModified });
  if (typeof recorded === "string" && recorded === hash.digest("hex").toUpperCase()) return;
  throw new Failure("SealInvalid", {
    field: "sops.mac",
    message: "the MAC of SOPS does not match: a value was changed, added, moved or removed by hand",
    hint: "edit the file with `sops edit`",
  });
}

/** A plain value as the MAC counts it (`ToBytes` in `sops.go`). */
function bytesOf(value: Exclude<Leaf, null>, encoding: Encoding): Uint8Array {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === "string") return Buffer.from(value, encoding);
  if (typeof value === "boolean") return Buffer.from(value ? "True" : "False");
  if (typeof value === "number") return Buffer.from(decimal(value));
  return Buffer.from(value instanceof Timestamp ? value.text : String(value));
}
