import type { Comments, ListNode, MapNode, Node, ScalarNode } from "./node.ts";
import { writtenDouble, writtenSingle } from "./style.ts";

const indentWidth = 4;

/** The state machine of go-yaml's emitter (`emitterc.go`), as far as what SOPS writes needs it. */
export class Emitter {
  /** What was written so far. */
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

  /** Writes a document; every one but the first behind `---`. */
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

  /** Of a map or a list only the comment above it; the others follow at its end. */
  #arriveStart(node: Node): void {
    this.#arrive(node.type === "scalar" ? node : { head: node.head ?? "" });
  }

  #node(node: Node, inList: boolean): void {
    if (node.type === "scalar") this.#scalar(node, inList, false);
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
