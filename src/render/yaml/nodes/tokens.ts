import { ch, isBlankOrEnd } from "../chars.ts";
import { type Cursor, endOfLine, excerpt, invalid, isDocumentMarker, newCursor } from "../cursor.ts";
import { scanBlockScalar } from "../scan-block.ts";
import { scanPlain, startsPlain } from "../scan-plain.ts";
import { scanAnchor, scanTag } from "../scan-properties.ts";
import { scanQuoted } from "../scan-quoted.ts";
import { CommentScanner } from "./comment-scanner.ts";
import { type Mark, Marks } from "./marks.ts";
import type { NodeStyle } from "./node.ts";

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

interface SimpleKey {
  possible: boolean;
  readonly required: boolean;
  readonly number: number;
  readonly mark: Mark;
}

/**
 * The tokens of a text, and the comments between them, in the order and with the lookahead of go-yaml, on which it depends
 * to which node a comment goes. Throws `Failure` (YamlInvalid).
 * Source: go.yaml.in/yaml/v3 scannerc.go.
 */
export class Tokens {
  readonly comments: CommentScanner;
  readonly #cursor: Cursor;
  readonly #marks: Marks;
  #tokens: Token[] = [];
  #parsed = 0;
  #started = false;
  #flowLevel = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  readonly #keys: SimpleKey[] = [];

  constructor(text: string, file: string) {
    this.#cursor = newCursor({ text: `${text}\0`, firstLine: 1 }, { file, dialect: "v3" });
    this.#marks = new Marks(this.#cursor);
    this.comments = new CommentScanner(this.#cursor, this.#marks);
  }

  /** The next token, which stays the next one. */
  peek(): Token {
    while (this.#needsMore()) this.#readMore();
    const [token] = this.#tokens;
    if (token === undefined) throw this.#wrong("the end of the text");
    return token;
  }

  /** Moves over the next token. */
  skip(): void {
    this.#tokens.shift();
    this.#parsed++;
  }

  /** What is wrong where a token stands. */
  unexpected(token: Token): Error {
    return invalid(this.#cursor, token.start.index, {
      message: `${excerpt(this.#cursor, token.start.index)} stands where it cannot`,
    });
  }

  #wrong(what: string): Error {
    return invalid(this.#cursor, this.#cursor.at, { message: `${what} stands where it cannot` });
  }

  #needsMore(): boolean {
    if (this.#tokens.at(-1)?.kind === "streamEnd") return false;
    if (this.#tokens.length <= 2) return true;
    const pending = this.#keys.find((key) => key.possible && key.number === this.#parsed);
    return pending !== undefined && this.#isValid(pending);
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
      const belongsToLast = this.#flowLevel === 0 ? code === ch.colon : code === ch.comma;
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
    const isFlow = this.#flowLevel > 0;
    if (code === ch.comma && isFlow) return () => this.#flowEntry();
    const stands = isBlankOrEnd(this.#cursor.text.charCodeAt(this.#cursor.at + 1));
    if (code === ch.minus && stands) return () => this.#entry();
    if (code === ch.question && (isFlow || stands)) return () => this.#explicitKey();
    return code === ch.colon && (isFlow || stands) ? () => this.#value() : undefined;
  }

  #contentAt(code: number): (() => void) | undefined {
    const isFlow = this.#flowLevel > 0;
    if (code === ch.asterisk) return () => this.#word("alias", scanAnchor);
    if (code === ch.ampersand) return () => this.#word("anchor", scanAnchor);
    if (code === ch.exclamation) return () => this.#word("tag", scanTag);
    if ((code === ch.pipe || code === ch.greater) && !isFlow) return () => this.#blockScalar(code);
    if (code === ch.singleQuote || code === ch.doubleQuote) return () => this.#quoted(code);
    return startsPlain(this.#cursor.text, this.#cursor.at, isFlow) ? () => this.#plain() : undefined;
  }

  #start(): void {
    this.#started = true;
    this.#keys.push({ possible: false, required: false, number: 0, mark: this.#marks.here() });
    this.#cursor.keyAllowed = true;
    this.#push("streamStart", this.#marks.here());
  }

  #end(): void {
    this.#unroll(-1, this.#marks.here());
    this.#dropKey();
    this.#cursor.keyAllowed = false;
    this.#push("streamEnd", this.#marks.here());
  }

  #directive(): void {
    this.#unroll(-1, this.#marks.here());
    this.#dropKey();
    this.#cursor.keyAllowed = false;
    const start = this.#marks.here();
    const end = endOfLine(this.#cursor.text, this.#cursor.at);
    const line = this.#cursor.text.slice(this.#cursor.at, end);
    const tag = /^%TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+(\S+)/.exec(line);
    if (tag !== null) this.#cursor.tagHandles.set(tag[1] ?? "", tag[2] ?? "");
    else if (!/^%YAML[ \t]+1\.1/.test(line)) throw this.#wrong(line);
    this.#cursor.at = end;
    this.#push("directive", start);
  }

  #documentMarker(kind: "documentStart" | "documentEnd"): void {
    this.#unroll(-1, this.#marks.here());
    this.#dropKey();
    this.#cursor.keyAllowed = false;
    this.#indicator(kind, 3);
  }

  #openFlow(kind: "flowListStart" | "flowMapStart"): void {
    this.#saveKey();
    this.#keys.push({ possible: false, required: false, number: 0, mark: this.#marks.here() });
    this.#flowLevel++;
    this.#cursor.keyAllowed = true;
    this.#indicator(kind, 1);
  }

  #closeFlow(kind: "flowListEnd" | "flowMapEnd"): void {
    this.#dropKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      this.#keys.pop();
    }
    this.#cursor.keyAllowed = false;
    this.#indicator(kind, 1);
  }

  #flowEntry(): void {
    this.#dropKey();
    this.#cursor.keyAllowed = true;
    this.#indicator("flowEntry", 1);
  }

  #entry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#cursor.keyAllowed) throw this.#wrong("a dash");
      this.#roll(this.#marks.here(), undefined, "listStart");
    }
    this.#dropKey();
    this.#cursor.keyAllowed = true;
    this.#indicator("entry", 1);
  }

  #explicitKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#cursor.keyAllowed) throw this.#wrong("a key");
      this.#roll(this.#marks.here(), undefined, "mapStart");
    }
    this.#dropKey();
    this.#cursor.keyAllowed = this.#flowLevel === 0;
    this.#indicator("key", 1);
  }

  #value(): void {
    const key = this.#keys.at(-1);
    if (key?.possible === true && this.#isValid(key)) {
      this.#tokens.splice(key.number - this.#parsed, 0, token("key", key.mark));
      this.#roll(key.mark, key.number, "mapStart");
      key.possible = false;
      this.#cursor.keyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#cursor.keyAllowed) throw this.#wrong("a second value");
        this.#roll(this.#marks.here(), undefined, "mapStart");
      }
      this.#cursor.keyAllowed = this.#flowLevel === 0;
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
    this.#dropKey();
    const start = this.#marks.here();
    this.comments.scanHeader(start);
    const text = scanBlockScalar(this.#synced(), this.#indent);
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
    const text = scanPlain(this.#synced(), this.#indent, this.#flowLevel > 0);
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
    const mark = this.#marks.here();
    const required = this.#flowLevel === 0 && this.#indent === mark.column;
    this.#dropKey();
    this.#keys[this.#keys.length - 1] = { possible: true, required, number: this.#parsed + this.#tokens.length, mark };
  }

  #dropKey(): void {
    const key = this.#keys.at(-1);
    if (key?.possible !== true) return;
    if (key.required) throw invalid(this.#cursor, key.mark.index, { message: "a key without a colon" });
    key.possible = false;
  }

  #isValid(key: SimpleKey): boolean {
    const here = this.#marks.here();
    if (key.mark.line >= here.line && key.mark.index + 1024 >= here.index) return true;
    if (key.required) throw invalid(this.#cursor, key.mark.index, { message: "a key without a colon" });
    key.possible = false;
    return false;
  }

  #roll(mark: Mark, number: number | undefined, kind: "listStart" | "mapStart"): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (number === undefined) this.#push(kind, mark);
    else this.#tokens.splice(number - this.#parsed, 0, token(kind, mark));
  }

  #unroll(column: number, scanMark: Mark): void {
    if (this.#flowLevel > 0) return;
    let mark = { ...scanMark, index: scanMark.index - 1 };
    while (this.#indent > column) {
      mark = this.comments.endOfBlock(mark, this.#indent);
      this.#push("blockEnd", mark);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #toNextToken(scanMark: Mark): void {
    const cursor = this.#cursor;
    for (;;) {
      const tabs = this.#flowLevel > 0 || !cursor.keyAllowed;
      for (let code = cursor.text.charCodeAt(cursor.at); code === ch.space || (tabs && code === ch.tab); )
        code = cursor.text.charCodeAt(++cursor.at);
      const [before, last] = [this.#tokens.at(-2), this.#tokens.at(-1)];
      if (before?.kind === "listStart" && last?.kind === "entry") this.comments.liftLine();
      if (cursor.text.charCodeAt(cursor.at) === ch.hash) {
        this.comments.scan(scanMark, {
          last: this.#lastForComments(),
          indent: this.#indent,
          inFlow: this.#flowLevel > 0,
        });
      }
      if (!this.#marks.skipBreak()) return;
      if (this.#flowLevel === 0) cursor.keyAllowed = true;
    }
  }

  #lastForComments(): Token {
    const last = this.#tokens.at(-1);
    const shown = last?.kind === "flowEntry" && this.#tokens.length > 1 ? this.#tokens.at(-2) : last;
    return shown ?? token("streamStart", this.#marks.at(0));
  }
}

const token = (kind: TokenKind, start: Mark): Token => ({ kind, start, text: "", style: "plain" });
