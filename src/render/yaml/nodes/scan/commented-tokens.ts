import type { Comments } from "../node.ts";
import type { Token } from "./token.ts";
import { Tokens } from "./tokens.ts";

/** The tokens of a text, and the comments that came with them and belong to no node yet. */
export class CommentedTokens {
  readonly #tokens: Tokens;
  #head = "";
  #line = "";
  #foot = "";
  #stem = "";

  constructor(text: string) {
    this.#tokens = new Tokens(text, "");
  }

  /** What is wrong where a token stands. */
  unexpected(token: Token): Error {
    return this.#tokens.unexpected(token);
  }

  /** Whether nothing stands behind the tokens that were moved over. */
  isAtEnd(): boolean {
    return this.#tokens.peek().kind === "streamEnd";
  }

  /** How long the comment above is. */
  get headLength(): number {
    return this.#head.length;
  }

  /** The next token, which stays the next one; the comments before it are noted. */
  peek(): Token {
    const token = this.#tokens.peek();
    this.#tokens.comments.take(token, (role, text) => {
      if (role === "head") this.#head = joined(this.#head, text);
      else if (role === "foot") this.#foot = joined(this.#foot, text);
      else this.#line = joined(this.#line, text);
    });
    return token;
  }

  /** Moves over the next token. */
  skip(): void {
    this.#tokens.skip();
  }

  /** Moves over the next token to the one behind it. */
  skipAndPeek(): Token {
    this.skip();
    return this.peek();
  }

  /** The comments that are noted, and are not any more. */
  takeComments(): Comments {
    const taken = { head: this.#head, line: this.#line, foot: this.#foot };
    this.#head = "";
    this.#line = "";
    this.#foot = "";
    this.#stem = "";
    return taken;
  }

  /** The comment above a map or a list that an item begins with; see `splitStem`. */
  takeStem(): string {
    const stem = this.#stem;
    this.#stem = "";
    return stem;
  }

  /**
   * A comment above the dash of an item that is a map or a list belongs to all of it, not to what it begins with; it was of
   * that length at the dash.
   */
  splitStem(length: number): void {
    if (length === 0) return;
    const { kind } = this.peek();
    if (kind !== "listStart" && kind !== "mapStart") return;
    this.#stem = this.#head.slice(0, length);
    this.#head = this.#head.slice(length + 1);
  }

  /** What stands above an empty line belongs to the document, what stands below to what follows. */
  splitDocumentHead(): string {
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
}

const joined = (before: string, text: string): string => (before === "" ? text : `${before}\n${text}`);
