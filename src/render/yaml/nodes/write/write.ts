import type { YamlDocumentNode, YamlNode } from "../node.ts";
import { ScalarWriter } from "./scalar.ts";
import { isSimpleKey, shownTag } from "./tag.ts";

/**
 * The text of a document of nodes, as kustomize writes it: indented by two, lists not indented below a key, nothing folded
 * but what was. Throws `Error` for an empty anchor only; every tree that was read can be written.
 * Source: go.yaml.in/yaml/v3 encode.go `node`, emitterc.go.
 */
export function writeNodes(document: YamlDocumentNode): string {
  return new NodeWriter().write(document);
}

/** What is around a node. */
interface Context {
  readonly inMap?: boolean;
  readonly simpleKey?: boolean;
  readonly inList?: boolean;
}

class NodeWriter extends ScalarWriter {
  #keyLine = "";
  #flow = 0;

  write({ root, head, foot }: YamlDocumentNode): string {
    this.note({ head, line: "", foot: "", tail: "" });
    if (this.head !== "") {
      this.writeHead();
      this.putBreak();
    }
    this.#noteStart(root, "");
    this.writeHead();
    this.#start(root, {});
    this.writeLine();
    this.writeFoot();
    this.#body(root, {});
    if (foot !== "") this.foot = foot;
    this.footIndent = 0;
    this.writeFoot();
    this.footIndent = -1;
    this.writeIndent();
    return this.output;
  }

  /** Takes over the comments that a node brings when it begins: those of maps and lists beside and below come at their end. */
  #noteStart(node: YamlNode, tail: string): void {
    const isScalar = node.kind === "scalar" || node.kind === "alias";
    this.note({ head: node.head, line: isScalar ? node.line : "", foot: isScalar ? node.foot : "", tail });
  }

  /** Writes what there is of a node before its content; of scalars all. */
  #start(node: YamlNode, context: Context): void {
    if (node.anchor !== "" || node.kind === "alias") {
      this.indicator(node.kind === "alias" ? "*" : "&", true, false, false);
      this.word(node.kind === "alias" ? node.value : node.anchor);
    }
    if (node.kind === "alias") return;
    const shown = shownTag(node);
    if (node.kind !== "scalar") {
      this.writeTag(shown.tag);
      return;
    }
    this.writeScalar(node.value, {
      style: shown.forceQuotes && !node.value.includes("\n") ? "double" : node.style,
      tag: shown.tag,
      inFlow: this.#flow > 0,
      simpleKey: context.simpleKey === true,
      inList: context.inList === true,
    });
  }

  #body(node: YamlNode, context: Context): void {
    if (node.kind !== "map" && node.kind !== "list") return;
    const isFlow = this.#flow > 0 || node.style === "flow" || node.content.length === 0;
    if (isFlow && node.kind === "list") this.#flowItems(node, context);
    else if (isFlow) this.#flowMembers(node, context);
    else if (node.kind === "list") this.#items(node, context);
    else this.#members(node, context);
  }

  #items(node: YamlNode, context: Context): void {
    const compact = context.inMap === true && (this.column === 0 || !this.indention);
    this.pushIndent(false, context.inList === true, compact);
    for (const item of node.content) {
      this.#noteStart(item, "");
      this.writeHead();
      this.writeIndent();
      this.indicator("-", true, false, true);
      this.#child(item, { inList: true });
    }
    this.note({ head: "", line: node.line, foot: node.foot, tail: "" });
    this.popIndent();
  }

  #members(node: YamlNode, context: Context): void {
    this.pushIndent(false, context.inList === true, false);
    let tail = "";
    for (let index = 0; index + 1 < node.content.length; index += 2) {
      const key = node.content[index] ?? node;
      const value = node.content[index + 1] ?? node;
      this.#noteStart({ ...key, foot: "" }, tail);
      tail = key.foot;
      this.writeHead();
      this.writeIndent();
      this.#key(key);
      this.#noteStart(value, "");
      this.#value(value);
    }
    this.note({ head: "", line: node.line, foot: node.foot, tail });
    this.writeHead();
    this.popIndent();
  }

  #isSimple = true;

  #key(key: YamlNode): void {
    if (this.line !== "") {
      this.#keyLine = this.line;
      this.line = "";
    }
    this.#isSimple = isSimpleKey(key);
    if (!this.#isSimple) this.indicator("?", true, false, true);
    this.#start(key, { inMap: true, simpleKey: this.#isSimple });
    this.#body(key, { inMap: true });
  }

  #value(value: YamlNode): void {
    const simple = this.#isSimple;
    if (simple) this.indicator(":", false, false, false);
    else {
      this.writeIndent();
      this.indicator(":", true, false, true);
    }
    if (this.#keyLine !== "") {
      if (value.kind === "scalar") {
        if (this.line === "") {
          this.line = this.#keyLine;
          this.#keyLine = "";
        }
      } else if (value.style !== "flow" && value.kind !== "alias") {
        [this.line, this.#keyLine] = [this.#keyLine, this.line];
        this.writeLine();
        [this.line, this.#keyLine] = [this.#keyLine, this.line];
      }
    }
    this.#child(value, { inMap: true });
  }

  /** A node in its place, the comments beside and below it, and then what is in it. */
  #child(node: YamlNode, context: Context): void {
    this.#start(node, context);
    this.writeLine();
    this.writeFoot();
    this.#body(node, context);
  }

  #flowItems(node: YamlNode, context: Context): void {
    this.#openFlow("[", context);
    let comma = false;
    for (const item of node.content) {
      this.#noteStart(item, "");
      if (comma) this.indicator(",", false, false, false);
      this.writeHead();
      if (this.column === 0) this.writeIndent();
      comma = this.#flowChild(item, {});
    }
    this.note({ head: "", line: node.line, foot: node.foot, tail: "" });
    this.#flow--;
    this.popIndent();
    if (this.column === 0) this.writeIndent();
    this.#closeFlow("]");
  }

  #flowMembers(node: YamlNode, context: Context): void {
    this.#openFlow("{", context);
    let comma = false;
    let tail = "";
    for (let index = 0; index + 1 < node.content.length; index += 2) {
      const key = node.content[index] ?? node;
      const value = node.content[index + 1] ?? node;
      this.#noteStart({ ...key, foot: "" }, tail);
      tail = key.foot;
      if (comma) this.indicator(",", false, false, false);
      this.writeHead();
      if (this.column === 0) this.writeIndent();
      const simple = isSimpleKey(key);
      if (!simple) this.indicator("?", true, false, false);
      this.#start(key, { inMap: true, simpleKey: simple });
      this.#body(key, { inMap: true });
      this.#noteStart(value, "");
      this.indicator(":", !simple, false, false);
      comma = this.#flowChild(value, { inMap: true });
    }
    this.note({ head: "", line: node.line, foot: node.foot, tail });
    const isFirst = node.content.length === 0;
    if (this.head + this.foot + this.tail !== "" && !isFirst && comma) this.indicator(",", false, false, false);
    this.writeHead();
    this.#flow--;
    this.popIndent();
    this.#closeFlow("}");
  }

  /** A node in brackets, with its comma where comments follow; tells whether one is still to come. */
  #flowChild(node: YamlNode, context: Context): boolean {
    const trail = this.#hasTrail();
    this.#start(node, context);
    if (this.#hasTrail()) this.indicator(",", false, false, false);
    this.writeLine();
    this.writeFoot();
    this.#body(node, context);
    return !trail;
  }

  #hasTrail(): boolean {
    return this.line + this.foot + this.tail !== "";
  }

  #openFlow(bracket: string, context: Context): void {
    this.indicator(bracket, true, true, false);
    this.pushIndent(true, context.inList === true, false);
    this.#flow++;
  }

  #closeFlow(bracket: string): void {
    this.indicator(bracket, false, false, false);
    this.writeLine();
    this.writeFoot();
  }
}
