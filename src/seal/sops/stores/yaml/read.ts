import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import { Failure } from "../../../../model/failure.ts";
import { Branch, type Comment, type Leaf, List, type Member, textOf, type Value } from "../../tree.ts";
import { type CommentQueue, commentQueue } from "./comments.ts";
import { resolvePlain } from "./scalar.ts";

type Item = Comment | Member;

/**
 * The documents of a YAML file as SOPS reads them (`stores/yaml/store.go` of getsops/sops, over go-yaml v3): maps in
 * order, with comments in their places. Undefined where the text is not YAML; throws `Failure` (SealInvalid) for YAML that SOPS
 * does not take: documents that are no maps, keys that are not text, aliases.
 */
export function readYaml(text: string): readonly Branch[] | undefined {
  const documents = parseAllDocuments(text, { schema: "failsafe", uniqueKeys: true, strict: true });
  if ("empty" in documents) return [];
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const queue = commentQueue(text);
  return documents.map((document) => readDocument(document, queue));
}

function readDocument({ contents, range }: Document, queue: CommentQueue): Branch {
  const until = range?.[2] ?? 0;
  if (contents === null || (isScalar(contents) && leafOf(contents) === null)) return new Branch(queue.before(until));
  if (!isMap(contents)) throw refused("a document is not a map");
  const items = mapItems(contents, until, queue);
  return new Branch([...items, ...queue.before(until)]);
}

/** The members of a map that ends before an offset, with the comments between them and after the last one. */
function mapItems(
  map: { readonly items: readonly Pair[]; readonly flow?: boolean | undefined },
  until: number,
  queue: CommentQueue,
): readonly Item[] {
  const items: Item[] = [];
  map.items.forEach(({ key, value }, index) => {
    for (const comment of queue.before(startOf(key))) items.push(comment);
    const next = startOf(map.items[index + 1]?.key, until);
    const read = readValue(value, next, queue);
    items.push(...besides(value, queue), { key: keyOf(key), value: read });
  });
  return map.flow ? items : [...items, ...queue.before(until, queue.column(startOf(map)))];
}

function keyOf(key: unknown): string {
  const name = isScalar(key) ? leafOf(key) : key;
  if (typeof name === "string") return name;
  throw refused("a key is not text");
}

function readValue(node: unknown, until: number, queue: CommentQueue): Value {
  if (isMap(node)) return new Branch(mapItems(node, until, queue));
  if (isSeq(node)) {
    const items: Value[] = [];
    node.items.forEach((item, index) => {
      for (const comment of queue.before(startOf(item))) items.push(comment);
      const read = readValue(item, startOf(node.items[index + 1], until), queue);
      items.push(...besides(item, queue), read);
    });
    return new List(node.flow ? items : [...items, ...queue.before(until, queue.column(startOf(node)))]);
  }
  if (isAlias(node)) throw refused("it uses an alias of YAML, which SOPS never writes");
  if (isScalar(node)) return leafOf(node);
  if (node === null || node === undefined) return null;
  throw refused("it holds what SOPS never writes");
}

/** The comments on the line of a scalar. */
function besides(node: unknown, queue: CommentQueue): readonly Comment[] {
  return isScalar(node) && node.range
    ? queue.beside(node.type?.startsWith("BLOCK") ? node.range[0] : node.range[1])
    : [];
}

function startOf(node: unknown, otherwise = 0): number {
  return isNode(node) && node.range ? node.range[0] : otherwise;
}

function leafOf({ value, type, tag }: Scalar): Leaf {
  const text = typeof value === "string" ? value : "";
  if (tag === undefined) return type === "PLAIN" || type === undefined ? resolvePlain(text) : text;
  if (tag === "tag:yaml.org,2002:str" || tag === "!") return text;
  // The parser makes a word of its own of it, and bytes of what is binary.
  if (tag === "tag:yaml.org,2002:merge") return "<<";
  if (tag === "tag:yaml.org,2002:binary" && value instanceof Uint8Array) return textOf(Buffer.from(value), "utf8");
  throw refused("it uses a tag of YAML that SOPS never writes");
}

function refused(why: string): Failure {
  return new Failure("SealInvalid", { message: `was not written by SOPS: ${why}` });
}
