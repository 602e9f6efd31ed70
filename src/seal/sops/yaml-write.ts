import { general } from "./go-float.ts";
import { Branch, Comment, type Leaf, List, Timestamp, type Value } from "./tree.ts";
import { type Style, styleOf, writtenDouble, writtenSingle } from "./yaml-style.ts";

/** Comments that belong to a node, each line with its `#`. */
interface Comments {
  readonly head?: string;
  readonly line?: string;
  readonly foot?: string;
}

interface MapNode extends Comments {
  readonly type: "map";
  readonly items: readonly { readonly key: ScalarNode; readonly foot: string; readonly value: Node }[];
}

interface ListNode extends Comments {
  readonly type: "list";
  readonly items: readonly Node[];
}

interface ScalarNode extends Comments {
  readonly type: "scalar";
  readonly text: string;
  readonly style: Style;
  readonly tag: string;
}

type Node = MapNode | ListNode | ScalarNode;

/**
 * Documents as SOPS writes YAML, byte for byte (`EmitPlainFile` in `stores/yaml/store.go` of getsops/sops, over the
 * emitter of go-yaml v3): four columns a level, nothing folded, every document but the first behind `---`.
 */
export function writeYaml(branches: readonly Branch[]): string {
  const writer = new Writer();
  branches.forEach((branch, index) => {
    writer.document(mapNode(branch), index === 0);
  });
  return writer.text;
}

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

function mapNode(branch: Branch): MapNode {
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

const indentWidth = 4;

/** The state machine of go-yaml's emitter (`emitterc.go`), as far as what SOPS writes needs it. */
class Writer {
  text = "";
  #column = 0;
  #indent = -1;
  #whitespace = true;
  #indention = true;
  #footIndent = -1;
  #head = "";
  #line = "";
  #foot = "";
  #tail = "";

  document(root: MapNode, first: boolean): void {
    if (!first) {
      this.#writeIndent();
      this.#indicator("---", true, false, false);
      this.#writeIndent();
    }
    this.#arriveStart(root);
    this.#headComment();
    this.#collection(root, false);
    this.#footIndent = 0;
    this.#footComment();
    this.#footIndent = -1;
    this.#writeIndent();
  }

  /** The comments of a node are noted when it comes, and written where there is room for them. */
  #arrive({ head, line, foot }: Comments, tail = ""): void {
    this.#head = head || this.#head;
    this.#line = line || this.#line;
    this.#foot = foot || this.#foot;
    this.#tail = tail || this.#tail;
  }

  /** Of a map or a list only what stands above it; the rest comes with its end. */
  #arriveStart(node: Node): void {
    this.#arrive(node.type === "scalar" ? node : { head: node.head ?? "" });
  }

  #node(node: Node, inList: boolean, simpleKey = false): void {
    if (node.type === "scalar") this.#scalar(node, inList, simpleKey);
    else this.#collection(node, inList);
  }

  #collection(node: MapNode | ListNode, inList: boolean): void {
    const before = this.#indent;
    if (node.items.length === 0) this.#empty(node, inList);
    else if (node.type === "map") this.#map(node, inList);
    else this.#list(node, inList);
    this.#indent = before;
  }

  #empty(node: MapNode | ListNode, inList: boolean): void {
    const [open, close] = node.type === "map" ? ["{", "}"] : ["[", "]"];
    const before = this.#indent;
    this.#indicator(open, true, true, false);
    this.#increase(true, inList);
    this.#arrive({ line: node.line ?? "", foot: node.foot ?? "" });
    if (node.type === "map") this.#headComment();
    this.#indent = before;
    if (node.type === "list" && this.#column === 0) this.#writeIndent();
    this.#indicator(close, false, false, false);
    this.#lineComment(false);
    this.#footComment();
  }

  #map(node: MapNode, inList: boolean): void {
    this.#increase(false, inList);
    let tail = "";
    for (const { key, foot, value } of node.items) {
      this.#arrive(key, tail);
      tail = foot;
      this.#headComment();
      this.#writeIndent();
      const simple = !/[\n\r\u0085\u2028\u2029]/.test(key.text) && Buffer.byteLength(key.text) <= 128;
      if (!simple) this.#indicator("?", true, false, true);
      this.#scalar(key, false, simple);
      this.#arriveStart(value);
      if (!simple) this.#writeIndent();
      this.#indicator(":", !simple, false, !simple);
      this.#node(value, false);
      this.#lineComment(false);
      this.#footComment();
    }
    this.#arrive({ line: node.line ?? "", foot: node.foot ?? "" }, tail);
    this.#headComment();
  }

  #list(node: ListNode, inList: boolean): void {
    this.#increase(false, inList);
    for (const item of node.items) {
      this.#arriveStart(item);
      this.#headComment();
      this.#writeIndent();
      this.#indicator("-", true, false, true);
      this.#node(item, true);
      this.#lineComment(false);
      this.#footComment();
    }
    this.#arrive({ line: node.line ?? "", foot: node.foot ?? "" });
  }

  #scalar({ text, style, tag }: ScalarNode, inList: boolean, simpleKey: boolean): void {
    const before = this.#indent;
    if (tag !== "") this.#indicator(tag, true, false, false);
    this.#increase(true, inList);
    if (style === "literal" && !simpleKey) this.#literal(text);
    else if (style === "plain" && (text !== "" || !simpleKey)) this.#plain(text);
    else
      this.#indicator(
        style === "single" || style === "plain" ? writtenSingle(text) : writtenDouble(text),
        true,
        false,
        false,
      );
    this.#indent = before;
  }

  #plain(text: string): void {
    if (text !== "" && !this.#whitespace) this.#put(" ");
    this.#put(text);
    if (text !== "") this.#whitespace = false;
    this.#indention = false;
  }

  #literal(text: string): void {
    this.#indicator("|", true, false, false);
    const hint = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? String(indentWidth) : "";
    const chomp = /[\n\u2028\u2029]$/.test(text)
      ? /(?:^|[\n\u2028\u2029])[\n\u2028\u2029]$/.test(text)
        ? "+"
        : ""
      : "-";
    if (hint + chomp !== "") this.#indicator(hint + chomp, false, false, false);
    this.#lineComment(true);
    this.#whitespace = true;
    for (const line of text.split(/(?<=[\n\u2028\u2029])/)) {
      const content = line.replace(/[\n\u2028\u2029]$/, "");
      if (content !== "") {
        this.#writeIndent();
        this.#put(content);
        this.#indention = false;
      }
      if (line.endsWith("\n")) this.#break();
      else if (line !== content) {
        this.text += line.slice(content.length);
        this.#column = 0;
        this.#indention = true;
      }
    }
  }

  #increase(flow: boolean, inList: boolean): void {
    if (this.#indent < 0) this.#indent = flow ? indentWidth : 0;
    else if (inList) this.#indent += 2;
    else this.#indent = indentWidth * Math.floor((this.#indent + indentWidth) / indentWidth);
  }

  #headComment(): void {
    if (this.#tail !== "") {
      this.#writeIndent();
      this.#comment(this.#tail);
      this.#tail = "";
      this.#footIndent = Math.max(this.#indent, 0);
    }
    if (this.#head === "") return;
    this.#writeIndent();
    this.#comment(this.#head);
    this.#head = "";
  }

  #lineComment(mustBreak: boolean): void {
    if (this.#line === "") {
      if (mustBreak) this.#break();
      return;
    }
    if (!this.#whitespace) this.#put(" ");
    this.#comment(this.#line);
    this.#line = "";
  }

  #footComment(): void {
    if (this.#foot === "") return;
    this.#writeIndent();
    this.#comment(this.#foot);
    this.#foot = "";
    this.#footIndent = Math.max(this.#indent, 0);
  }

  #comment(text: string): void {
    text.split("\n").forEach((line, index) => {
      if (index > 0) this.#writeIndent();
      this.#put(line);
      this.#indention = false;
      this.#break();
    });
    this.#whitespace = true;
  }

  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#break();
    if (this.#footIndent === indent) this.#break();
    if (this.#column < indent) this.#put(" ".repeat(indent - this.#column));
    this.#whitespace = true;
    this.#footIndent = -1;
  }

  #indicator(text: string, needsSpace: boolean, isWhitespace: boolean, isIndention: boolean): void {
    if (needsSpace && !this.#whitespace) this.#put(" ");
    this.#put(text);
    this.#whitespace = isWhitespace;
    this.#indention = this.#indention && isIndention;
  }

  #put(text: string): void {
    this.text += text;
    this.#column += text.length;
  }

  #break(): void {
    this.text += "\n";
    this.#column = 0;
    this.#indention = true;
  }
}
