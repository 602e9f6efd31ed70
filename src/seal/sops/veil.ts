import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { Branch, Comment, type Leaf, List, Timestamp, type Value } from "./tree.ts";

/**
 * The opened documents of a file with other values in the place of those that were encrypted. A build does the same with
 * them, for they have the same shape; so whatever comes out different tells what encrypted values have flown into.
 */
export function veilBranches(opened: readonly Branch[], sealed: readonly Branch[]): readonly Branch[] {
  return opened.map((branch, index) => veilBranch(branch, sealed[index]));
}

/** The same for the content of a file that was encrypted as a whole. */
export function veilBinary(content: Buffer): Buffer {
  const text = content.toString();
  const isText = Buffer.from(text).equals(content);
  const patch = isText ? veilPatch(text) : undefined;
  return patch === undefined ? Buffer.from(veilText(content.toString("latin1")), "latin1") : Buffer.from(patch);
}

/** Each character becomes the next one of its row. What separates parts stands in none of them. */
const rows = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!?*^~%&;<>|"];
const next = new Map(rows.flatMap((row) => Array.from(row, (each, at) => [each, row.charAt((at + 1) % row.length)])));

/**
 * References to variables, escapes and what separates parts stay, so that what has a form keeps it: lines, base64, URLs,
 * env files. What comes of it is not secret from whoever sees it, and is only for comparing.
 */
function veilText(text: string): string {
  const veiled = text.replace(/\$\{[A-Za-z_]\w*\}|\\.|./gs, (part) => next.get(part) ?? part);
  return veiled === text ? `${text}x` : veiled;
}

function veilBranch(opened: Branch, sealed: Value | undefined): Branch {
  const before = sealed instanceof Branch ? sealed.items : [];
  return new Branch(
    opened.items.map((item, index) => {
      const was = before[index];
      if (item instanceof Comment) return veilComment(item, was instanceof Comment ? was : undefined);
      const value = was === undefined || was instanceof Comment ? undefined : was.value;
      return { key: item.key, value: veilValue(item.value, value) };
    }),
  );
}

function veilValue(opened: Value, sealed: Value | undefined): Value {
  if (opened instanceof Branch) return veilBranch(opened, sealed);
  if (opened instanceof List) {
    const before = sealed instanceof List ? sealed.items : [];
    return new List(opened.items.map((item, index) => veilValue(item, before[index])));
  }
  if (opened instanceof Comment) return veilComment(opened, sealed instanceof Comment ? sealed : undefined);
  return opened === sealed ? opened : veilLeaf(opened);
}

function veilComment(opened: Comment, sealed: Comment | undefined): Comment {
  return opened.text === sealed?.text ? opened : new Comment(veilText(opened.text), opened.inline);
}

/** Of the same type. */
function veilLeaf(value: Leaf): Leaf {
  if (typeof value === "string") return veilText(value);
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value instanceof Timestamp) return new Timestamp(value.text.replace(/^\d+/, (year) => `${Number(year) + 1}`));
  return value === null ? null : Buffer.from(veilText(value.toString("latin1")), "latin1");
}

/** What a patch does, and to what, stays as it is; what it puts there is veiled. Undefined for any other text. */
function veilPatch(text: string): string | undefined {
  if (!/\b(?:op|kind)\b/.test(text)) return undefined;
  const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false });
  const contents: unknown = document.contents;
  if (document.errors.length > 0) return undefined;
  if (isSeq(contents) && contents.items.length > 0 && contents.items.every(isOperation)) {
    for (const each of contents.items) veilMembers(each, ["op", "path", "from"]);
    return document.toString();
  }
  if (!isMap(contents) || !contents.has("kind")) return undefined;
  const metadata = contents.get("metadata");
  veilMembers(contents, ["apiVersion", "kind", "metadata", "$patch"]);
  if (isMap(metadata)) veilMembers(metadata, ["name", "namespace"]);
  return document.toString();
}

function isOperation(item: unknown): item is YAMLMap {
  return isMap(item) && item.has("op") && item.has("path");
}

function veilMembers(map: YAMLMap, kept: readonly string[]): void {
  for (const pair of map.items) {
    const isKept = isScalar(pair.key) && kept.includes(String(pair.key.value));
    if (!isKept) veilNode(pair.value);
  }
}

function veilNode(node: unknown): void {
  if (isScalar(node)) node.value = veilText(String(node.value));
  else if (isSeq(node)) node.items.forEach(veilNode);
  else if (isMap(node)) for (const { value } of node.items) veilNode(value);
}
