import { ch, isBlankOrEnd } from "../../scan/chars.ts";
import { excerpt, isDocumentMarker } from "../../scan/cursor.ts";
import { startsPlain } from "../../scan/plain-scalar.ts";
import { scanAnchor, scanTag } from "../../scan/properties.ts";
import type { CommentScanner } from "./comment-scanner.ts";
import { blockScalar, plain, quoted, word } from "./content.ts";
import type { Mark } from "./marks.ts";
import { ScanState } from "./scan-state.ts";
import {
  closeFlow,
  directive,
  documentMarker,
  end,
  entry,
  explicitKey,
  flowEntry,
  openFlow,
  start,
  value,
} from "./structure.ts";
import { type Token, token } from "./token.ts";

/**
 * The tokens of a text, and the comments between them, in the order and with the lookahead of go-yaml, on which it depends
 * to which node a comment goes. Throws `Failure` (YamlInvalid).
 * Source: go.yaml.in/yaml/v3 scannerc.go.
 */
export class Tokens {
  readonly #state: ScanState;
  #started = false;

  constructor(text: string, file: string) {
    this.#state = new ScanState(text, file);
  }

  /** The comments that were read, each waiting for its token. */
  get comments(): CommentScanner {
    return this.#state.comments;
  }

  /** The next token, which stays the next one. */
  peek(): Token {
    while (this.#needsMore()) this.#readMore();
    const first = this.#state.queue.at(0);
    if (first === undefined) throw this.#state.misplaced("the end of the text");
    return first;
  }

  /** Moves over the next token. */
  skip(): void {
    this.#state.queue.take();
  }

  /** The problem with a token thatis not allowed here. */
  unexpected(token: Token): Error {
    return this.#state.unexpected(token);
  }

  #needsMore(): boolean {
    if (this.#state.queue.at(-1)?.kind === "streamEnd") return false;
    return this.#state.queue.length <= 2 || this.#state.keys.mayBegin(this.#state.queue.number);
  }

  #readMore(): void {
    if (!this.#started) {
      this.#started = true;
      start(this.#state);
    } else {
      const scanMark = this.#state.marks.here();
      this.#toNextToken(scanMark);
      this.#state.unroll(this.#state.marks.here().column, scanMark);
      this.#readNext();
    }
  }

  #readNext(): void {
    const { text, at } = this.#state.cursor;
    const code = text.charCodeAt(at);
    const here = this.#state.marks.here();
    if (at >= text.length - 1) end(this.#state);
    else if (here.column === 0 && code === ch.percent) directive(this.#state);
    else if (here.column === 0 && isDocumentMarker(text, at)) {
      documentMarker(this.#state, code === ch.minus ? "documentStart" : "documentEnd");
    } else {
      const last = this.#state.queue.at(-1);
      const belongsToLast = !this.#state.nesting.inFlow ? code === ch.colon : code === ch.comma;
      this.#readToken(code);
      if (this.#state.queue.at(-1)?.kind === "entry") return;
      this.#state.comments.scanLine(belongsToLast && last !== undefined ? last.start : here);
    }
  }

  #readToken(code: number): void {
    const read = this.#bracketAt(code) ?? this.#indicatorAt(code) ?? this.#contentAt(code);
    if (read === undefined) throw this.#state.misplaced(excerpt(this.#state.cursor, this.#state.cursor.at));
    read();
  }

  #bracketAt(code: number): (() => void) | undefined {
    switch (code) {
      case ch.openBracket:
        return () => openFlow(this.#state, "flowListStart");
      case ch.openBrace:
        return () => openFlow(this.#state, "flowMapStart");
      case ch.closeBracket:
        return () => closeFlow(this.#state, "flowListEnd");
      case ch.closeBrace:
        return () => closeFlow(this.#state, "flowMapEnd");
      default:
        return undefined;
    }
  }

  #indicatorAt(code: number): (() => void) | undefined {
    const isFlow = this.#state.nesting.inFlow;
    if (code === ch.comma && isFlow) return () => flowEntry(this.#state);
    const stands = isBlankOrEnd(this.#state.cursor.text.charCodeAt(this.#state.cursor.at + 1));
    if (code === ch.minus && stands) return () => entry(this.#state);
    if (code === ch.question && (isFlow || stands)) return () => explicitKey(this.#state);
    return code === ch.colon && (isFlow || stands) ? () => value(this.#state) : undefined;
  }

  #contentAt(code: number): (() => void) | undefined {
    const isFlow = this.#state.nesting.inFlow;
    if (code === ch.asterisk) return () => word(this.#state, "alias", scanAnchor);
    if (code === ch.ampersand) return () => word(this.#state, "anchor", scanAnchor);
    if (code === ch.exclamation) return () => word(this.#state, "tag", scanTag);
    if ((code === ch.pipe || code === ch.greater) && !isFlow) return () => blockScalar(this.#state, code);
    if (code === ch.singleQuote || code === ch.doubleQuote) return () => quoted(this.#state, code);
    return startsPlain(this.#state.cursor.text, this.#state.cursor.at, isFlow) ? () => plain(this.#state) : undefined;
  }

  #toNextToken(scanMark: Mark): void {
    const cursor = this.#state.cursor;
    for (;;) {
      const tabs = this.#state.nesting.inFlow || !cursor.keyAllowed;
      for (let code = cursor.text.charCodeAt(cursor.at); code === ch.space || (tabs && code === ch.tab); )
        code = cursor.text.charCodeAt(++cursor.at);
      const [before, last] = [this.#state.queue.at(-2), this.#state.queue.at(-1)];
      if (before?.kind === "listStart" && last?.kind === "entry") this.#state.comments.liftLine();
      if (cursor.text.charCodeAt(cursor.at) === ch.hash) {
        this.#state.comments.scan(scanMark, {
          last: this.#lastForComments(),
          indent: this.#state.nesting.indent,
          inFlow: this.#state.nesting.inFlow,
        });
      }
      if (!this.#state.marks.skipBreak()) return;
      if (!this.#state.nesting.inFlow) cursor.keyAllowed = true;
    }
  }

  #lastForComments(): Token {
    const last = this.#state.queue.at(-1);
    const shown = last?.kind === "flowEntry" && this.#state.queue.length > 1 ? this.#state.queue.at(-2) : last;
    return shown ?? token("streamStart", this.#state.marks.at(0));
  }
}
