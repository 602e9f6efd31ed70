import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { Branch, Comment, type Leaf, List, Timestamp, type Value } from "./tree.ts";

/**
 * The decrypted documents of a file with placeholders for the values that were encrypted. The placeholders have the same
 * shape, so a build treats them alike; whatever differs in its result depends on an encrypted value.
 */
export function redactBranches(opened: readonly Branch[], sealed: readonly Branch[]): readonly Branch[] {
  return opened.map((branch, index) => redactBranch(branch, sealed[index]));
}

/** The same for the content of a file that was encrypted as a whole. */
export function redactBinary(content: Buffer): Buffer {
  const text = content.toString();
  const isText = Buffer.from(text).equals(content);
  const patch = isText ? redactPatch(text) : undefined;
  return patch === undefined ? Buffer.from(redactText(content.toString("latin1")), "latin1") : Buffer.from(patch);
}

/** Each character becomes the next one of its row. Separators are in none. */
const rows = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "!?*^~%&;<>|"];
const next = new Map(rows.flatMap((row) => Array.from(row, (each, at) => [each, row.charAt((at + 1) % row.length)])));

/**
 * References to variables, escapes and what separates parts stay, so that what has a form keeps it: lines, base64, URLs,
 * env files. The result is only for comparing: it is easily reversed.
 */
function redactText(text: string): string {
  const redacted = text.replace(/\$\{[A-Za-z_]\w*\}|\\.|./gs, (part) => next.get(part) ?? part);
  return redacted === text ? `${text}x` : redacted;
}

function redactBranch(opened: Branch, sealed: Value | undefined): Branch {
  const before = sealed instanceof Branch ? sealed.items : [];
  return new Branch(
    opened.items.map((item, index) => {
      const was = before[index];
      if (item instanceof Comment) return redactComment(item, was instanceof Comment ? was : undefined);
      const value = was === undefined || was instanceof Comment ? undefined : was.value;
      return { key: item.key, value: redactValue(item.value, value) };
    }),
  );
}

function redactValue(opened: Value, sealed: Value | undefined): Value {
  if (opened instanceof Branch) return redactBranch(opened, sealed);
  if (opened instanceof List) {
    const before = sealed instanceof List ? sealed.items : [];
    return new List(opened.items.map((item, index) => redactValue(item, before[index])));
  }
  if (opened instanceof Comment) return redactComment(opened, sealed instanceof Comment ? sealed : undefined);
  return opened === sealed ? opened : redactLeaf(opened);
}

function redactComment(opened: Comment, sealed: Comment | undefined): Comment {
  return opened.text === sealed?.text ? opened : new Comment(redactText(opened.text), opened.inline);
}

/** Of the same type. */
function redactLeaf(value: Leaf): Leaf {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value instanceof Timestamp) return new Timestamp(value.text.replace(/^\d+/, (year) => `${Number(year) + 1}`));
  return value === null ? null : Buffer.from(redactText(value.toString("latin1")), "latin1");
}

/** What a patch does, and to what, stays as it is; what it puts there is redacted. Undefined for any other text. */
function redactPatch(text: string): string | undefined {
  if (!/\b(?:op|kind)\b/.test(text)) return undefined;
  const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false });
  const contents: unknown = document.contents;
  if (document.errors.length > 0) return undefined;
  if (isSeq(contents) && contents.items.length > 0 && contents.items.every(isOperation)) {
    for (const each of contents.items) redactMembers(each, ["op", "path", "from"]);
    return document.toString();
  }
  if (!isMap(contents) || !contents.has("kind")) return undefined;
  const metadata = contents.get("metadata");
  redactMembers(contents, ["apiVersion", "kind", "metadata", "$patch"]);
  if (isMap(metadata)) redactMembers(metadata, ["name", "namespace"]);
  return document.toString();
}

function isOperation(item: unknown): item is YAMLMap {
  return isMap(item) && item.has("op") && item.has("path");
}

function redactMembers(map: YAMLMap, kept: readonly string[]): void {
  for (const pair of map.items) {
    const isKept = isScalar(pair.key) && kept.includes(String(pair.key.value));
    if (!isKept) redactNode(pair.value);
  }
}

function redactNode(node: unknown): void {
  if (isScalar(node)) node.value = redactText(String(node.value));
  else if (isSeq(node)) node.items.forEach(redactNode);
  else if (isMap(node)) for (const { value } of node.items) redactNode(value);
}
