import type { NodeStyle } from "../node.ts";
import type { Mark } from "./marks.ts";

/** The kinds of tokens, as in go-yaml. */
export type TokenKind =
  | "streamStart"
  | "streamEnd"
  | "directive"
  | "documentStart"
  | "documentEnd"
  | "listStart"
  | "mapStart"
  | "blockEnd"
  | "flowListStart"
  | "flowListEnd"
  | "flowMapStart"
  | "flowMapEnd"
  | "entry"
  | "flowEntry"
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** A token, where it starts, and what it says. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: Mark;
  readonly text: string;
  readonly style: NodeStyle;
}

/** A token that says nothing but its kind. */
export const token = (kind: TokenKind, start: Mark): Token => ({ kind, start, text: "", style: "plain" });
