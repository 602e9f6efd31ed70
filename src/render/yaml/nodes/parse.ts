import { plainTag } from "../resolve/plain-tag.ts";
import { maxDepth } from "../scan/cursor.ts";
import { FlowParser } from "./flow.ts";
import {
  emptyScalar,
  listTag,
  mapTag,
  newNode,
  ownTag,
  shortTag,
  type YamlDocumentNode,
  type YamlNode,
} from "./node.ts";
import { CommentedTokens } from "./scan/commented-tokens.ts";
import type { Token } from "./scan/token.ts";

/** What a text holds: its first document, and whether there is more behind it. */
export interface ParsedNodes {
  readonly document: YamlDocumentNode | undefined;
  readonly more: boolean;
}

/**
 * Reads the first document of a text as nodes, with comments, anchors and the way scalars are written, as go-yaml v3 does;
 * undefined for a text without any. Throws `Failure` (YamlInvalid).
 * Source: go.yaml.in/yaml/v3 parserc.go, decode.go `parser`.
 */
export function parseNodes(text: string): ParsedNodes {
  return new NodeParser(text).parse();
}

interface Properties {
  readonly anchor: string;
  readonly tag: string;
}

class NodeParser {
  readonly #tokens: CommentedTokens;
  readonly #flow: FlowParser;
  readonly #anchors = new Set<string>();
  #depth = 0;

  constructor(text: string) {
    this.#tokens = new CommentedTokens(text);
    this.#flow = new FlowParser(this.#tokens, () => this.#node(false, false));
  }

  parse(): ParsedNodes {
    this.#tokens.peek();
    this.#tokens.skip();
    let token = this.#tokens.peek();
    const isExplicit = token.kind === "directive" || token.kind === "documentStart";
    if (token.kind === "streamEnd") return { document: undefined, more: false };
    let head = "";
    if (isExplicit) {
      while (token.kind === "directive") token = this.#tokens.skipAndPeek();
      if (token.kind !== "documentStart") throw this.#tokens.unexpected(token);
      this.#tokens.skip();
    } else head = this.#tokens.splitDocumentHead();
    const root = isExplicit ? this.#documentContent() : this.#node(true, false);
    const end = this.#tokens.peek();
    const more = end.kind !== "streamEnd";
    if (end.kind === "documentEnd") this.#tokens.skip();
    else if (end.kind !== "documentStart" && more) throw this.#tokens.unexpected(end);
    const last = this.#tokens.takeComments();
    return {
      document: { root, head, foot: last.foot === "" ? last.head : last.foot },
      more: more && !this.#isAtEnd(end),
    };
  }

  /** Behind `...` there may be nothing. */
  #isAtEnd(end: Token): boolean {
    return end.kind === "documentEnd" && this.#tokens.isAtEnd();
  }

  #documentContent(): YamlNode {
    const { kind } = this.#tokens.peek();
    if (kind === "documentStart" || kind === "documentEnd" || kind === "streamEnd" || kind === "directive") {
      return emptyScalar();
    }
    return this.#node(true, false);
  }

  #node(isBlock: boolean, indentless: boolean): YamlNode {
    let token = this.#tokens.peek();
    if (token.kind === "alias") {
      if (!this.#anchors.has(token.text)) throw this.#tokens.unexpected(token);
      const alias = { ...newNode("alias", token.text), ...this.#tokens.takeComments() };
      this.#tokens.skip();
      return alias;
    }
    let anchor = "";
    let tag = "";
    for (let count = 0; count < 2; count++) {
      if (token.kind === "anchor" && anchor === "") anchor = token.text;
      else if (token.kind === "tag" && tag === "") tag = token.text;
      else break;
      token = this.#tokens.skipAndPeek();
    }
    if (++this.#depth > maxDepth) throw this.#tokens.unexpected(token);
    const node = this.#content(token, { anchor, tag }, { isBlock, indentless });
    this.#depth--;
    if (anchor !== "") this.#anchors.add(anchor);
    return node;
  }

  #content(
    token: Token,
    properties: Properties,
    { isBlock, indentless }: { readonly isBlock: boolean; readonly indentless: boolean },
  ): YamlNode {
    if (properties.anchor !== "") this.#anchors.add(properties.anchor);
    if (indentless && token.kind === "entry") return this.#items(collection("list", properties), true);
    if (token.kind === "scalar") {
      const node = { ...scalar(token, properties), ...this.#tokens.takeComments() };
      this.#tokens.skip();
      return node;
    }
    if (token.kind === "flowListStart" || token.kind === "flowMapStart") {
      const kind = token.kind === "flowListStart" ? "list" : "map";
      const node: YamlNode = { ...collection(kind, properties), style: "flow", ...this.#tokens.takeComments() };
      return kind === "list" ? this.#flow.items(node) : this.#flow.members(node);
    }
    if (isBlock && (token.kind === "listStart" || token.kind === "mapStart")) {
      const node = collection(token.kind === "listStart" ? "list" : "map", properties);
      node.head = this.#tokens.takeStem();
      return token.kind === "listStart" ? this.#items(node, false) : this.#members(node);
    }
    if (properties.anchor === "" && properties.tag === "") throw this.#tokens.unexpected(token);
    return scalar({ ...token, text: "", style: "plain" }, properties);
  }

  #items(node: YamlNode, indentless: boolean): YamlNode {
    if (!indentless) {
      this.#tokens.peek();
      this.#tokens.skip();
    }
    for (let token = this.#tokens.peek(); token.kind === "entry"; token = this.#tokens.peek()) {
      const { headLength } = this.#tokens;
      this.#tokens.skip();
      this.#tokens.splitStem(headLength);
      const next = this.#tokens.peek().kind;
      const isEmpty = next === "entry" || next === "blockEnd" || (indentless && (next === "key" || next === "value"));
      node.content.push(isEmpty ? emptyScalar() : this.#node(true, false));
    }
    const end = this.#tokens.peek();
    if (indentless) return node;
    if (end.kind !== "blockEnd") throw this.#tokens.unexpected(end);
    this.#tokens.skip();
    return node;
  }

  #members(node: YamlNode): YamlNode {
    this.#tokens.peek();
    this.#tokens.skip();
    for (;;) {
      const token = this.#tokens.peek();
      if (token.kind === "blockEnd") return this.#endMembers(node);
      if (token.kind !== "key") throw this.#tokens.unexpected(token);
      const key = this.#member(["key", "value", "blockEnd"]);
      node.content.push(key);
      const before = node.content.at(-3);
      if (key.foot !== "" && before !== undefined) {
        before.foot = key.foot;
        key.foot = "";
      }
      const value = this.#tokens.peek().kind === "value" ? this.#member(["key", "value", "blockEnd"]) : emptyScalar();
      node.content.push(value);
      if (key.foot === "" && value.foot !== "") {
        key.foot = value.foot;
        value.foot = "";
      }
    }
  }

  /** The node behind a key's or a value's indicator, empty before the tokens given. */
  #member(ends: readonly string[]): YamlNode {
    const { kind } = this.#tokens.skipAndPeek();
    return ends.includes(kind) ? emptyScalar() : this.#node(true, true);
  }

  #endMembers(node: YamlNode): YamlNode {
    const { line, foot } = this.#tokens.takeComments();
    this.#tokens.skip();
    const lastKey = node.content.at(-2);
    node.line = line;
    if (foot === "" || lastKey === undefined) node.foot = foot;
    else lastKey.foot = foot;
    return node;
  }
}

function collection(kind: "map" | "list", { anchor, tag }: Properties): YamlNode {
  const tagged = tag !== "" && tag !== "!";
  return { ...newNode(kind), anchor, tagged, tag: tagged ? shortTag(tag) : kind === "map" ? mapTag : listTag };
}

function scalar({ text, style }: Token, { anchor, tag }: Properties): YamlNode {
  const tagged = tag !== "" && tag !== "!";
  const own = style === "plain" ? ownTag(plainTag(text)) : "!!str";
  return { ...newNode("scalar", text), style, anchor, tagged, tag: tagged ? shortTag(tag) : own };
}
