import { scanBlockScalar } from "../../scan/block-scalar.ts";
import { ch, isBlankOrEnd } from "../../scan/chars.ts";
import { type Cursor, excerpt, invalid, isDocumentMarker, newCursor } from "../../scan/cursor.ts";
import { scanDirective } from "../../scan/directive.ts";
import { scanPlain, startsPlain } from "../../scan/plain-scalar.ts";
import { scanAnchor, scanTag } from "../../scan/properties.ts";
import { scanQuoted } from "../../scan/quoted-scalar.ts";
import type { NodeStyle } from "../node.ts";
import { CommentScanner } from "./comment-scanner.ts";
import { type Mark, Marks } from "./marks.ts";
import { Nesting } from "./nesting.ts";
import { SimpleKeys } from "./simple-keys.ts";
import { type Token, type TokenKind, token } from "./token.ts";
import { TokenQueue } from "./token-queue.ts";

/**
 * The tokens of a text, and the comments between them, in the order and with the lookahead of go-yaml, on which it depends
 * to which node a comment goes. Throws `Failure` (YamlInvalid).
 * Source: go.yaml.in/yaml/v3 scannerc.go.
 */
export class Tokens {
  readonly comments: CommentScanner;
  readonly #cursor: Cursor;
  readonly #marks: Marks;
  readonly #tokens = new TokenQueue();
  readonly #keys: SimpleKeys;
  #started = false;
  readonly #nesting = new Nesting();

  constructor(text: string, file: string) {
    this.#cursor = newCursor({ text: `${text}\0`, firstLine: 1 }, { file, dialect: "v3" });
    this.#marks = new Marks(this.#cursor);
    this.#keys = new SimpleKeys(this.#cursor, this.#marks);
    this.comments = new CommentScanner(this.#cursor, this.#marks);
  }

  /** The next token, which stays the next one. */
  peek(): Token {
    while (this.#needsMore()) this.#readMore();
    const first = this.#tokens.at(0);
    if (first === undefined) throw this.#wrong("the end of the text");
    return first;
  }

  /** Moves over the next token. */
  skip(): void {
    this.#tokens.take();
  }

  /** What is wrong where a token stands. */
  unexpected({ start }: Token): Error {
    return invalid(this.#cursor, start.index, {
      message: `${excerpt(this.#cursor, start.index)} stands where it cannot`,
    });
  }

  #wrong(what: string): Error {
    return invalid(this.#cursor, this.#cursor.at, { message: `${what} stands where it cannot` });
  }

  #needsMore(): boolean {
    if (this.#tokens.at(-1)?.kind === "streamEnd") return false;
    return this.#tokens.length <= 2 || this.#keys.mayBegin(this.#tokens.number);
  }

  #readMore(): void {
    if (!this.#started) this.#start();
    else {
      const scanMark = this.#marks.here();
      this.#toNextToken(scanMark);
      this.#unroll(this.#marks.here().column, scanMark);
      this.#readNext();
    }
  }

  #readNext(): void {
    const { text, at } = this.#cursor;
    const code = text.charCodeAt(at);
    const here = this.#marks.here();
    if (at >= text.length - 1) this.#end();
    else if (here.column === 0 && code === ch.percent) this.#directive();
    else if (here.column === 0 && isDocumentMarker(text, at)) {
      this.#documentMarker(code === ch.minus ? "documentStart" : "documentEnd");
    } else {
      const last = this.#tokens.at(-1);
      const belongsToLast = !this.#nesting.inFlow ? code === ch.colon : code === ch.comma;
      this.#readToken(code);
      if (this.#tokens.at(-1)?.kind === "entry") return;
      this.comments.scanLine(belongsToLast && last !== undefined ? last.start : here);
    }
  }

  #readToken(code: number): void {
    const read = this.#bracketAt(code) ?? this.#indicatorAt(code) ?? this.#contentAt(code);
    if (read === undefined) throw this.#wrong(excerpt(this.#cursor, this.#cursor.at));
    read();
  }

  #bracketAt(code: number): (() => void) | undefined {
    switch (code) {
      case ch.openBracket:
        return () => this.#openFlow("flowListStart");
      case ch.openBrace:
        return () => this.#openFlow("flowMapStart");
      case ch.closeBracket:
        return () => this.#closeFlow("flowListEnd");
      case ch.closeBrace:
        return () => this.#closeFlow("flowMapEnd");
      default:
        return undefined;
    }
  }

  #indicatorAt(code: number): (() => void) | undefined {
    const isFlow = this.#nesting.inFlow;
    if (code === ch.comma && isFlow) return () => this.#flowEntry();
    const stands = isBlankOrEnd(this.#cursor.text.charCodeAt(this.#cursor.at + 1));
    if (code === ch.minus && stands) return () => this.#entry();
    if (code === ch.question && (isFlow || stands)) return () => this.#explicitKey();
    return code === ch.colon && (isFlow || stands) ? () => this.#value() : undefined;
  }

  #contentAt(code: number): (() => void) | undefined {
    const isFlow = this.#nesting.inFlow;
    if (code === ch.asterisk) return () => this.#word("alias", scanAnchor);
    if (code === ch.ampersand) return () => this.#word("anchor", scanAnchor);
    if (code === ch.exclamation) return () => this.#word("tag", scanTag);
    if ((code === ch.pipe || code === ch.greater) && !isFlow) return () => this.#blockScalar(code);
    if (code === ch.singleQuote || code === ch.doubleQuote) return () => this.#quoted(code);
    return startsPlain(this.#cursor.text, this.#cursor.at, isFlow) ? () => this.#plain() : undefined;
  }

  #start(): void {
    this.#started = true;
    this.#keys.open();
    this.#cursor.keyAllowed = true;
    this.#push("streamStart", this.#marks.here());
  }

  #end(): void {
    this.#unroll(-1, this.#marks.here());
    this.#keys.drop();
    this.#cursor.keyAllowed = false;
    this.#push("streamEnd", this.#marks.here());
  }

  #directive(): void {
    this.#unroll(-1, this.#marks.here());
    this.#keys.drop();
    this.#cursor.keyAllowed = false;
    const start = this.#marks.here();
    scanDirective(this.#cursor);
    this.#push("directive", start);
  }

  #documentMarker(kind: "documentStart" | "documentEnd"): void {
    this.#unroll(-1, this.#marks.here());
    this.#keys.drop();
    this.#cursor.keyAllowed = false;
    this.#indicator(kind, 3);
  }

  #openFlow(kind: "flowListStart" | "flowMapStart"): void {
    this.#saveKey();
    this.#keys.open();
    this.#nesting.open();
    this.#cursor.keyAllowed = true;
    this.#indicator(kind, 1);
  }

  #closeFlow(kind: "flowListEnd" | "flowMapEnd"): void {
    this.#keys.drop();
    if (this.#nesting.close()) this.#keys.close();
    this.#cursor.keyAllowed = false;
    this.#indicator(kind, 1);
  }

  #flowEntry(): void {
    this.#keys.drop();
    this.#cursor.keyAllowed = true;
    this.#indicator("flowEntry", 1);
  }

  #entry(): void {
    if (!this.#nesting.inFlow) {
      if (!this.#cursor.keyAllowed) throw this.#wrong("a dash");
      this.#roll(this.#marks.here(), undefined, "listStart");
    }
    this.#keys.drop();
    this.#cursor.keyAllowed = true;
    this.#indicator("entry", 1);
  }

  #explicitKey(): void {
    if (!this.#nesting.inFlow) {
      if (!this.#cursor.keyAllowed) throw this.#wrong("a key");
      this.#roll(this.#marks.here(), undefined, "mapStart");
    }
    this.#keys.drop();
    this.#cursor.keyAllowed = !this.#nesting.inFlow;
    this.#indicator("key", 1);
  }

  #value(): void {
    const key = this.#keys.take();
    if (key !== undefined) {
      this.#tokens.insert(key.number, token("key", key.mark));
      this.#roll(key.mark, key.number, "mapStart");
      this.#cursor.keyAllowed = false;
    } else {
      if (!this.#nesting.inFlow) {
        if (!this.#cursor.keyAllowed) throw this.#wrong("a second value");
        this.#roll(this.#marks.here(), undefined, "mapStart");
      }
      this.#cursor.keyAllowed = !this.#nesting.inFlow;
    }
    this.#indicator("value", 1);
  }

  #word(kind: "alias" | "anchor" | "tag", scan: (cursor: Cursor) => string): void {
    this.#saveKey();
    this.#cursor.keyAllowed = false;
    const start = this.#marks.here();
    this.#push(kind, start, scan(this.#cursor));
  }

  #blockScalar(code: number): void {
    this.#keys.drop();
    const start = this.#marks.here();
    this.comments.scanHeader(start);
    const text = scanBlockScalar(this.#synced(), this.#nesting.indent);
    this.#cursor.keyAllowed = true;
    this.#push("scalar", start, text, code === ch.pipe ? "literal" : "folded");
  }

  #quoted(code: number): void {
    this.#saveKey();
    this.#cursor.keyAllowed = false;
    const start = this.#marks.here();
    const text = scanQuoted(this.#synced());
    this.#push("scalar", start, text, code === ch.singleQuote ? "single" : "double");
  }

  #plain(): void {
    this.#saveKey();
    this.#cursor.keyAllowed = false;
    const start = this.#marks.here();
    const text = scanPlain(this.#synced(), this.#nesting.indent, this.#nesting.inFlow);
    this.#push("scalar", start, text);
  }

  #synced(): Cursor {
    this.#cursor.lineStart = this.#cursor.at - this.#marks.here().column;
    return this.#cursor;
  }

  #indicator(kind: TokenKind, width: number): void {
    const start = this.#marks.here();
    this.#cursor.at += width;
    this.#push(kind, start);
  }

  #push(kind: TokenKind, start: Mark, text = "", style: NodeStyle = "plain"): void {
    this.#tokens.push({ kind, start, text, style });
  }

  #saveKey(): void {
    if (!this.#cursor.keyAllowed) return;
    const required = !this.#nesting.inFlow && this.#nesting.indent === this.#marks.here().column;
    this.#keys.save(this.#tokens.next, required);
  }

  #roll(mark: Mark, number: number | undefined, kind: "listStart" | "mapStart"): void {
    if (!this.#nesting.enter(mark.column)) return;
    if (number === undefined) this.#push(kind, mark);
    else this.#tokens.insert(number, token(kind, mark));
  }

  #unroll(column: number, scanMark: Mark): void {
    let mark = { ...scanMark, index: scanMark.index - 1 };
    for (let left = this.#nesting.leave(column); left !== undefined; left = this.#nesting.leave(column)) {
      mark = this.comments.endOfBlock(mark, left);
      this.#push("blockEnd", mark);
    }
  }

  #toNextToken(scanMark: Mark): void {
    const cursor = this.#cursor;
    for (;;) {
      const tabs = this.#nesting.inFlow || !cursor.keyAllowed;
      for (let code = cursor.text.charCodeAt(cursor.at); code === ch.space || (tabs && code === ch.tab); )
        code = cursor.text.charCodeAt(++cursor.at);
      const [before, last] = [this.#tokens.at(-2), this.#tokens.at(-1)];
      if (before?.kind === "listStart" && last?.kind === "entry") this.comments.liftLine();
      if (cursor.text.charCodeAt(cursor.at) === ch.hash) {
        this.comments.scan(scanMark, {
          last: this.#lastForComments(),
          indent: this.#nesting.indent,
          inFlow: this.#nesting.inFlow,
        });
      }
      if (!this.#marks.skipBreak()) return;
      if (!this.#nesting.inFlow) cursor.keyAllowed = true;
    }
  }

  #lastForComments(): Token {
    const last = this.#tokens.at(-1);
    const shown = last?.kind === "flowEntry" && this.#tokens.length > 1 ? this.#tokens.at(-2) : last;
    return shown ?? token("streamStart", this.#marks.at(0));
  }
}
