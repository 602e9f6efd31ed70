import { type Document, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar, type YAMLMap } from "yaml";
import { Failure } from "../../model/failure.ts";
import type { Json } from "../../model/json.ts";
import type { SopsKeys } from "./keys.ts";
import { readMetadata } from "./metadata.ts";
import { type Leaf, type Opening, openFile } from "./opening.ts";

/** How a structured file is written back. */
export type DocumentForm = "yaml" | "json";

/**
 * Decrypts a YAML or JSON file as `sops --decrypt` does, MAC included, and writes it back in the form that SOPS uses:
 * the same data in the same order, with comments, without the `sops` member. Throws `Failure` (SealInvalid, UnsealFailed).
 */
export async function decryptDocuments(text: string, form: DocumentForm, keys: SopsKeys): Promise<string> {
  const documents = await openDocuments(text, keys);
  if (form === "json") return `${JSON.stringify(documents[0]?.toJS(), plainNumbers, "\t")}`;
  const texts = documents.map((document) => document.toString({ indent: 4, lineWidth: 0 }));
  return texts.map((text, index) => (index === 0 || text.startsWith("---") ? text : `---\n${text}`)).join("");
}

/** The one string under `data`: how SOPS keeps a file of any other kind. */
export async function decryptBinary(text: string, keys: SopsKeys): Promise<Buffer> {
  const [document] = await openDocuments(text, keys);
  const data: unknown = document?.get("data");
  if (typeof data === "string") return Buffer.from(data);
  throw new Failure("SealInvalid", { message: "is no binary file of SOPS: it has no data", field: "data" });
}

async function openDocuments(text: string, keys: SopsKeys): Promise<readonly Document[]> {
  const documents = parseAllDocuments(text, { intAsBigInt: true, compat: "yaml-1.1" });
  if ("empty" in documents || documents.some((document) => document.errors.length > 0)) throw malformed();
  const metadata = documents.map((document) => sopsMember(document));
  const opening = await openFile(readMetadata(metadata[0]), keys);
  for (const document of documents) {
    if (!isMap(document.contents)) throw malformed();
    document.contents.delete("sops");
    openMap(document.contents, [], opening);
    document.commentBefore = openComment(document.commentBefore, [], opening) ?? null;
    document.comment = openComment(document.comment, [], opening) ?? null;
  }
  opening.verify();
  return documents;
}

function sopsMember(document: Document): Json | undefined {
  const member = plainOf(document);
  return typeof member === "object" && member !== null && "sops" in member ? asJson(member.sops) : undefined;
}

function plainOf(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    throw malformed();
  }
}

/** Metadata holds strings, booleans and small numbers only, whatever it was parsed from. */
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, plainNumbers) ?? "null");
}

function plainNumbers(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function openMap(map: YAMLMap, path: readonly string[], opening: Opening): void {
  openComments(map, path, opening);
  for (const pair of map.items) {
    if (!isScalar(pair.key)) throw malformed();
    openComments(pair.key, path, opening);
    openNode(pair.value, [...path, String(pair.key.value)], opening);
  }
}

function openNode(node: unknown, path: readonly string[], opening: Opening): void {
  if (isMap(node)) {
    openMap(node, path, opening);
  } else if (isSeq(node)) {
    openComments(node, path, opening);
    for (const item of node.items) openNode(item, path, opening);
  } else if (isScalar(node)) {
    openComments(node, path.slice(0, -1), opening);
    openScalar(node, path, opening);
  } else if (node !== null && node !== undefined) {
    throw malformed();
  }
}

function openScalar(node: Scalar, path: readonly string[], opening: Opening): void {
  const before = leafOf(node.value);
  const after = opening.leaf(before, path);
  if (after === before) return;
  node.value = after;
  // How the ciphertext was written says nothing of how the value should be.
  delete node.type;
  delete node.source;
}

function leafOf(value: unknown): Leaf {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw malformed();
}

function openComments(node: Node, path: readonly string[], opening: Opening): void {
  const before = openComment(node.commentBefore, path, opening);
  const behind = openComment(node.comment, path, opening);
  if (before !== undefined) node.commentBefore = before;
  if (behind !== undefined) node.comment = behind;
}

function openComment(
  comment: string | null | undefined,
  path: readonly string[],
  opening: Opening,
): string | undefined {
  if (comment === null || comment === undefined) return undefined;
  return comment
    .split("\n")
    .map((line) => opening.comment(line, path))
    .join("\n");
}

function malformed(): Failure {
  return new Failure("SealInvalid", { message: "is no file that SOPS wrote: it is not valid YAML or JSON, or no map" });
}
