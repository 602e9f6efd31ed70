import { emptyScalar, newNode, type YamlNode } from "./node.ts";
import type { CommentedTokens } from "./scan/commented-tokens.ts";

/** Reads what stands between brackets and braces. Source: go.yaml.in/yaml/v3 parserc.go `yaml_parser_parse_flow_*`. */
export class FlowParser {
  readonly #tokens: CommentedTokens;
  readonly #node: () => YamlNode;

  /** `node` reads the node at the next token. */
  constructor(tokens: CommentedTokens, node: () => YamlNode) {
    this.#tokens = tokens;
    this.#node = node;
  }

  /** Reads the items of a list up to its end. */
  items(node: YamlNode): YamlNode {
    this.#tokens.peek();
    this.#tokens.skip();
    for (let first = true; this.#tokens.peek().kind !== "flowListEnd"; first = false) {
      if (!first) this.#expectComma();
      const { kind } = this.#tokens.peek();
      if (kind === "key") node.content.push(this.#singlePair());
      else if (kind !== "flowListEnd") node.content.push(this.#node());
      else break;
    }
    return this.#end(node);
  }

  #singlePair(): YamlNode {
    const pair: YamlNode = { ...newNode("map"), style: "flow" };
    const next = this.#tokens.skipAndPeek().kind;
    const hasKey = next !== "value" && next !== "flowEntry" && next !== "flowListEnd";
    const key = hasKey ? this.#node() : emptyScalar();
    if (!hasKey) this.#tokens.skip();
    pair.content.push(key, this.#value("flowListEnd"));
    return pair;
  }

  /** Reads the members of a map up to its end. */
  members(node: YamlNode): YamlNode {
    this.#tokens.peek();
    this.#tokens.skip();
    for (let first = true; this.#tokens.peek().kind !== "flowMapEnd"; first = false) {
      if (!first) this.#expectComma();
      const { kind } = this.#tokens.peek();
      if (kind === "flowMapEnd") break;
      if (kind !== "key") {
        const key = this.#node();
        this.#tokens.peek();
        node.content.push(key, emptyScalar());
        continue;
      }
      const next = this.#tokens.skipAndPeek().kind;
      const isEmpty = next === "value" || next === "flowEntry" || next === "flowMapEnd";
      const key = isEmpty ? emptyScalar() : this.#node();
      const value = this.#value("flowMapEnd");
      if (key.foot === "" && value.foot !== "") {
        key.foot = value.foot;
        value.foot = "";
      }
      node.content.push(key, value);
    }
    return this.#end(node);
  }

  #value(end: string): YamlNode {
    if (this.#tokens.peek().kind !== "value") return emptyScalar();
    const next = this.#tokens.skipAndPeek().kind;
    return next === "flowEntry" || next === end ? emptyScalar() : this.#node();
  }

  #expectComma(): void {
    const token = this.#tokens.peek();
    if (token.kind !== "flowEntry") throw this.#tokens.unexpected(token);
    this.#tokens.skip();
  }

  #end(node: YamlNode): YamlNode {
    this.#tokens.peek();
    const { line, foot } = this.#tokens.takeComments();
    this.#tokens.skip();
    node.line = line;
    node.foot = foot;
    return node;
  }
}
