import { maxDepth } from "../cursor.ts";
import { plainTag } from "../plain-tag.ts";
import {
  type Comments,
  listTag,
  mapTag,
  newNode,
  ownTag,
  shortTag,
  type YamlDocumentNode,
  type YamlNode,
} from "./node.ts";
import { type Token, Tokens } from "./tokens.ts";

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
  readonly #tokens: Tokens;
  readonly #anchors = new Set<string>();
  #head = "";
  #line = "";
  #foot = "";
  #stem = "";
  #depth = 0;

  constructor(text: string) {
    this.#tokens = new Tokens(text, "");
  }

  parse(): ParsedNodes {
    this.#peek();
    this.#skip();
    let token = this.#peek();
    const isExplicit = token.kind === "directive" || token.kind === "documentStart";
    if (token.kind === "streamEnd") return { document: undefined, more: false };
    let head = "";
    if (isExplicit) {
      while (token.kind === "directive") token = this.#skipAndPeek();
      if (token.kind !== "documentStart") throw this.#tokens.unexpected(token);
      this.#skip();
    } else head = this.#splitDocumentHead();
    const root = isExplicit ? this.#documentContent() : this.#node(true, false);
    const end = this.#peek();
    const more = end.kind !== "streamEnd";
    if (end.kind === "documentEnd") this.#skip();
    else if (end.kind !== "documentStart" && more) throw this.#tokens.unexpected(end);
    const last = this.#takeComments();
    return {
      document: { root, head, foot: last.foot === "" ? last.head : last.foot },
      more: more && !this.#isAtEnd(end),
    };
  }

  /** Behind `...` there may be nothing. */
  #isAtEnd(end: Token): boolean {
    return end.kind === "documentEnd" && this.#tokens.peek().kind === "streamEnd";
  }

  #documentContent(): YamlNode {
    const { kind } = this.#peek();
    if (kind === "documentStart" || kind === "documentEnd" || kind === "streamEnd" || kind === "directive") {
      return this.#emptyScalar();
    }
    return this.#node(true, false);
  }

  /** What stands above an empty line belongs to the document, what stands below to what follows. */
  #splitDocumentHead(): string {
    for (let at = this.#head.length - 1; at > 0; at--) {
      if (this.#head[at] !== "\n") continue;
      const isLast = at === this.#head.length - 1;
      if (!isLast && this.#head[at - 1] !== "\n") continue;
      const head = this.#head.slice(0, isLast ? at : at - 1);
      this.#head = this.#head.slice(at + 1);
      return head;
    }
    return "";
  }

  #peek(): Token {
    const token = this.#tokens.peek();
    this.#tokens.comments.take(token, (role, text) => {
      if (role === "head") this.#head = joined(this.#head, text);
      else if (role === "foot") this.#foot = joined(this.#foot, text);
      else this.#line = joined(this.#line, text);
    });
    return token;
  }

  #skip(): void {
    this.#tokens.skip();
  }

  #skipAndPeek(): Token {
    this.#skip();
    return this.#peek();
  }

  #takeComments(): Comments {
    const taken = { head: this.#head, line: this.#line, foot: this.#foot };
    this.#head = "";
    this.#line = "";
    this.#foot = "";
    this.#stem = "";
    return taken;
  }

  #node(isBlock: boolean, indentless: boolean): YamlNode {
    let token = this.#peek();
    if (token.kind === "alias") {
      if (!this.#anchors.has(token.text)) throw this.#tokens.unexpected(token);
      const alias = { ...newNode("alias", token.text), ...this.#takeComments() };
      this.#skip();
      return alias;
    }
    let anchor = "";
    let tag = "";
    for (let count = 0; count < 2; count++) {
      if (token.kind === "anchor" && anchor === "") anchor = token.text;
      else if (token.kind === "tag" && tag === "") tag = token.text;
      else break;
      token = this.#skipAndPeek();
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
      const node = { ...scalar(token, properties), ...this.#takeComments() };
      this.#skip();
      return node;
    }
    if (token.kind === "flowListStart" || token.kind === "flowMapStart") {
      const kind = token.kind === "flowListStart" ? "list" : "map";
      const node: YamlNode = { ...collection(kind, properties), style: "flow", ...this.#takeComments() };
      return kind === "list" ? this.#flowItems(node) : this.#flowMembers(node);
    }
    if (isBlock && (token.kind === "listStart" || token.kind === "mapStart")) {
      const node = collection(token.kind === "listStart" ? "list" : "map", properties);
      node.head = this.#stem;
      this.#stem = "";
      return token.kind === "listStart" ? this.#items(node, false) : this.#members(node);
    }
    if (properties.anchor === "" && properties.tag === "") throw this.#tokens.unexpected(token);
    return scalar({ ...token, text: "", style: "plain" }, properties);
  }

  #emptyScalar(): YamlNode {
    return { ...newNode("scalar"), tag: "!!null" };
  }

  #items(node: YamlNode, indentless: boolean): YamlNode {
    if (!indentless) {
      this.#peek();
      this.#skip();
    }
    for (let token = this.#peek(); token.kind === "entry"; token = this.#peek()) {
      const priorHead = this.#head.length;
      this.#skip();
      this.#splitStem(priorHead);
      const next = this.#peek().kind;
      const isEmpty = next === "entry" || next === "blockEnd" || (indentless && (next === "key" || next === "value"));
      node.content.push(isEmpty ? this.#emptyScalar() : this.#node(true, false));
    }
    const end = this.#peek();
    if (indentless) return node;
    if (end.kind !== "blockEnd") throw this.#tokens.unexpected(end);
    this.#skip();
    return node;
  }

  /** A comment above the dash of an item that is a map or a list belongs to all of it, not to what it begins with. */
  #splitStem(length: number): void {
    if (length === 0) return;
    const { kind } = this.#peek();
    if (kind !== "listStart" && kind !== "mapStart") return;
    this.#stem = this.#head.slice(0, length);
    this.#head = this.#head.slice(length + 1);
  }

  #members(node: YamlNode): YamlNode {
    this.#peek();
    this.#skip();
    for (;;) {
      const token = this.#peek();
      if (token.kind === "blockEnd") return this.#endMembers(node);
      if (token.kind !== "key") throw this.#tokens.unexpected(token);
      const key = this.#member(["key", "value", "blockEnd"]);
      node.content.push(key);
      const before = node.content.at(-3);
      if (key.foot !== "" && before !== undefined) {
        before.foot = key.foot;
        key.foot = "";
      }
      const value = this.#peek().kind === "value" ? this.#member(["key", "value", "blockEnd"]) : this.#emptyScalar();
      node.content.push(value);
      if (key.foot === "" && value.foot !== "") {
        key.foot = value.foot;
        value.foot = "";
      }
    }
  }

  /** The node behind a key's or a value's indicator, empty before the tokens given. */
  #member(ends: readonly string[]): YamlNode {
    const { kind } = this.#skipAndPeek();
    return ends.includes(kind) ? this.#emptyScalar() : this.#node(true, true);
  }

  #endMembers(node: YamlNode): YamlNode {
    const { line, foot } = this.#takeComments();
    this.#skip();
    const lastKey = node.content.at(-2);
    node.line = line;
    if (foot === "" || lastKey === undefined) node.foot = foot;
    else lastKey.foot = foot;
    return node;
  }

  #flowItems(node: YamlNode): YamlNode {
    this.#peek();
    this.#skip();
    for (let first = true; this.#peek().kind !== "flowListEnd"; first = false) {
      if (!first) this.#expectComma();
      const { kind } = this.#peek();
      if (kind === "key") node.content.push(this.#singlePair());
      else if (kind !== "flowListEnd") node.content.push(this.#node(false, false));
      else break;
    }
    return this.#endFlow(node);
  }

  #singlePair(): YamlNode {
    const pair: YamlNode = { ...newNode("map"), style: "flow" };
    const next = this.#skipAndPeek().kind;
    const hasKey = next !== "value" && next !== "flowEntry" && next !== "flowListEnd";
    const key = hasKey ? this.#node(false, false) : this.#emptyScalar();
    if (!hasKey) this.#skip();
    pair.content.push(key, this.#flowValue("flowListEnd"));
    return pair;
  }

  #flowMembers(node: YamlNode): YamlNode {
    this.#peek();
    this.#skip();
    for (let first = true; this.#peek().kind !== "flowMapEnd"; first = false) {
      if (!first) this.#expectComma();
      const { kind } = this.#peek();
      if (kind === "flowMapEnd") break;
      if (kind !== "key") {
        const key = this.#node(false, false);
        this.#peek();
        node.content.push(key, this.#emptyScalar());
        continue;
      }
      const next = this.#skipAndPeek().kind;
      const isEmpty = next === "value" || next === "flowEntry" || next === "flowMapEnd";
      const key = isEmpty ? this.#emptyScalar() : this.#node(false, false);
      const value = this.#flowValue("flowMapEnd");
      if (key.foot === "" && value.foot !== "") {
        key.foot = value.foot;
        value.foot = "";
      }
      node.content.push(key, value);
    }
    return this.#endFlow(node);
  }

  #flowValue(end: string): YamlNode {
    if (this.#peek().kind !== "value") return this.#emptyScalar();
    const next = this.#skipAndPeek().kind;
    return next === "flowEntry" || next === end ? this.#emptyScalar() : this.#node(false, false);
  }

  #expectComma(): void {
    const token = this.#peek();
    if (token.kind !== "flowEntry") throw this.#tokens.unexpected(token);
    this.#skip();
  }

  #endFlow(node: YamlNode): YamlNode {
    this.#peek();
    const { line, foot } = this.#takeComments();
    this.#skip();
    node.line = line;
    node.foot = foot;
    return node;
  }
}

const joined = (before: string, text: string): string => (before === "" ? text : `${before}\n${text}`);

function collection(kind: "map" | "list", { anchor, tag }: Properties): YamlNode {
  const tagged = tag !== "" && tag !== "!";
  return { ...newNode(kind), anchor, tagged, tag: tagged ? shortTag(tag) : kind === "map" ? mapTag : listTag };
}

function scalar({ text, style }: Token, { anchor, tag }: Properties): YamlNode {
  const tagged = tag !== "" && tag !== "!";
  const own = style === "plain" ? ownTag(plainTag(text)) : "!!str";
  return { ...newNode("scalar", text), style, anchor, tagged, tag: tagged ? shortTag(tag) : own };
}
