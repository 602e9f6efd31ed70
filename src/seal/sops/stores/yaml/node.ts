import { general } from "../../go-float.ts";
import { Branch, Comment, type Leaf, List, Timestamp, type Value } from "../../tree.ts";
import { type Style, styleOf } from "./style.ts";

/** Comments that belong to a node, each line with its `#`. */
export interface Comments {
  readonly head?: string;
  readonly line?: string;
  readonly foot?: string;
}

/** A map; the `foot` of an item follows its value. */
export interface MapNode extends Comments {
  readonly type: "map";
  readonly items: readonly { readonly key: ScalarNode; readonly foot: string; readonly value: Node }[];
}

/** A list. */
export interface ListNode extends Comments {
  readonly type: "list";
  readonly items: readonly Node[];
}

/** A text, its style, and its tag where one is written. */
export interface ScalarNode extends Comments {
  readonly type: "scalar";
  readonly text: string;
  readonly style: Style;
  readonly tag: string;
}

/** The content of a document. */
export type Node = MapNode | ListNode | ScalarNode;

/** Comments gather until the node comes that they are put on; those behind the last one become its foot. */
class Gathered {
  #head: string[] = [];
  #line: string[] = [];

  add({ text, inline }: Comment): void {
    (inline ? this.#line : this.#head).push(`#${text}`);
  }

  head(): string {
    const text = this.#head.join("\n");
    this.#head = [];
    return text;
  }

  line(): string {
    const text = this.#line.join("\n");
    this.#line = [];
    return text;
  }

  rest(): string {
    return [...this.#head, ...this.#line].join("\n");
  }
}

/** A branch as SOPS gives it to go-yaml (`appendTreeBranch` in `stores/yaml/store.go`): with each comment attached to a node. */
export function mapNode(branch: Branch): MapNode {
  const gathered = new Gathered();
  const items: { key: ScalarNode; foot: string; value: Node }[] = [];
  let head = "";
  for (const item of branch.items) {
    if (item instanceof Comment) {
      gathered.add(item);
      continue;
    }
    if (items.length === 0) head = gathered.head();
    const key = { ...scalarNode(item.key), head: gathered.head() };
    const value = nodeOf(item.value);
    const line = gathered.line();
    items.push({ key, foot: "", value: line === "" ? value : { ...value, line } });
  }
  const last = items.at(-1);
  if (last === undefined) return { type: "map", items, head: gathered.rest() };
  last.foot = gathered.rest();
  return { type: "map", items, head };
}

function listNode(list: List): ListNode {
  const gathered = new Gathered();
  const items: Node[] = [];
  let head = "";
  for (const item of list.items) {
    if (item instanceof Comment) {
      gathered.add(item);
      continue;
    }
    if (items.length === 0) head = gathered.head();
    const node = nodeOf(item);
    const own = gathered.head();
    const line = gathered.line();
    items.push({
      ...node,
      ...(own === "" ? {} : { head: node.head ? `${own}\n${node.head}` : own }),
      ...(line === "" ? {} : { line }),
    });
  }
  const last = items.at(-1);
  if (last === undefined) return { type: "list", items, head: gathered.rest() };
  const foot = gathered.rest();
  return { type: "list", items: foot === "" ? items : [...items.slice(0, -1), { ...last, foot }], head };
}

function nodeOf(value: Value): Node {
  if (value instanceof Branch) return mapNode(value);
  return value instanceof List ? listNode(value) : scalarNode(value instanceof Comment ? value.text : value);
}

function scalarNode(value: Leaf): ScalarNode {
  // go-yaml does not know that a quoted one merges nothing.
  if (value === "<<") return { type: "scalar", text: value, style: "plain", tag: "!!merge" };
  if (typeof value === "string") return { type: "scalar", text: value, style: styleOf(value), tag: "" };
  if (Buffer.isBuffer(value)) {
    const text = wrapped(value.toString("base64"));
    return { type: "scalar", text, style: text.includes("\n") ? "literal" : "plain", tag: "!!binary" };
  }
  return { type: "scalar", text: plainText(value), style: "plain", tag: "" };
}

function plainText(value: bigint | number | boolean | null | Timestamp): string {
  if (value instanceof Timestamp) return value.text;
  if (typeof value !== "number") return String(value);
  const text = general(value);
  return { "+Inf": ".inf", "-Inf": "-.inf", NaN: ".nan" }[text] ?? text;
}

/** Lines of 70, all ended where there are several (`encodeBase64` in `resolve.go`). */
function wrapped(text: string): string {
  if (text.length < 70) return text;
  return (text.match(/.{1,70}/g) ?? []).map((line) => `${line}\n`).join("");
}
