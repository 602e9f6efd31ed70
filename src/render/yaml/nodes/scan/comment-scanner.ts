import { ch, isBlank, isBreak } from "../../scan/chars.ts";
import { type Cursor, endOfLine } from "../../scan/cursor.ts";
import type { Mark, Marks } from "./marks.ts";
import type { Token } from "./token.ts";

/** A comment, and what it may belong to. */
interface Comment {
  readonly scanMark: Mark;
  /** The token from which on it is given out. */
  tokenMark: Mark;
  /** Where it starts; its column counts from 1. */
  readonly startMark: Mark;
  readonly endMark: Mark;
  role: "head" | "line" | "foot";
  readonly text: string;
}

/** What a comment is scanned behind. */
interface Around {
  readonly last: Token;
  readonly indent: number;
  readonly inFlow: boolean;
}

/** So far go-yaml looks for the next line of a comment, in characters. */
const window = 512;

const nowhere: Mark = { index: 0, line: 0, column: 0 };

/** The comments of a text, each waiting for its token. Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_scan_comments`. */
export class CommentScanner {
  readonly #cursor: Cursor;
  readonly #marks: Marks;
  readonly #comments: Comment[] = [];
  #head = 0;

  constructor(cursor: Cursor, marks: Marks) {
    this.#cursor = cursor;
    this.#marks = marks;
  }

  /** Gives out the comments that belong to a token or to what stands before it. */
  take(token: Token, give: (role: Comment["role"], text: string) => void): void {
    for (;;) {
      const comment = this.#comments[this.#head];
      if (comment === undefined || token.start.index < comment.tokenMark.index) return;
      if (comment.role === "head" && token.kind === "blockEnd") return;
      give(comment.role, comment.text);
      this.#comments[this.#head] = { ...comment, scanMark: nowhere, startMark: nowhere, endMark: nowhere };
      this.#head++;
    }
  }

  /** Scans a comment behind a token on the same line. */
  scanLine(tokenMark: Mark): void {
    const { text } = this.#cursor;
    if (this.#marks.newlines() > 0) return;
    let { at } = this.#cursor;
    while (isBlank(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) !== ch.hash || at - this.#cursor.at >= window) return;
    const end = endOfLine(text, at);
    const startMark = this.#marks.at(at);
    this.#cursor.at = end;
    this.#add({ scanMark: nowhere, tokenMark, startMark, endMark: nowhere, role: "line", text: text.slice(at, end) });
  }

  /** Notes a comment behind the `|` or `>` of a block, which the block's own scanner passes over. */
  scanHeader(tokenMark: Mark): void {
    const { text, at } = this.#cursor;
    const found = /^[|>][-+0-9]*[ \t]*(#.*)/.exec(text.slice(at, endOfLine(text, at)))?.[1];
    if (found === undefined) return;
    this.#add({ scanMark: nowhere, tokenMark, startMark: nowhere, endMark: nowhere, role: "line", text: found });
  }

  /** A comment behind the first dash of a list belongs above what follows. */
  liftLine(): void {
    const comment = this.#comments.at(-1);
    if (comment?.role !== "line" || isBreak(this.#cursor.text.charCodeAt(this.#cursor.at))) return;
    comment.role = "head";
    const here = this.#marks.here();
    if (comment.startMark.line === here.line - 1) comment.tokenMark = here;
  }

  /** Where a block of an indentation ends: before comments that stand at the end of it and belong to what holds it. */
  endOfBlock(mark: Mark, indent: number): Mark {
    let found = mark;
    let stop = mark.index;
    for (const comment of this.#comments.toReversed()) {
      if (comment.endMark.index < stop) break;
      if (comment.startMark.column === indent + 1) found = comment.startMark;
      stop = comment.scanMark.index;
    }
    return found;
  }

  /** Scans comments on lines of their own, from the `#` at the cursor on. */
  scan(from: Mark, around: Around): void {
    new CommentLines({ cursor: this.#cursor, marks: this.#marks, from }, around, (comment) =>
      this.#add(comment),
    ).scan();
  }

  #add(comment: Comment): void {
    this.#comments.push(comment);
  }
}

/** The scan of one run of comment lines, which may fall apart into feet of what was before and a head of what comes. */
class CommentLines {
  readonly #cursor: Cursor;
  readonly #marks: Marks;
  readonly #around: Around;
  readonly #add: (comment: Comment) => void;
  readonly #indent: number;
  readonly #footLine: number;
  #scanMark: Mark;
  #tokenMark: Mark;
  #startMark: Mark = nowhere;
  #text = "";
  #recentEmpty = false;
  #firstEmpty: boolean;
  /** How far ahead of the cursor it looks, and where that is; columns count from 1. */
  #peek = 0;
  #line: number;
  #column: number;

  constructor(
    { cursor, marks, from }: { readonly cursor: Cursor; readonly marks: Marks; readonly from: Mark },
    around: Around,
    add: (comment: Comment) => void,
  ) {
    const newlines = marks.newlines();
    const here = marks.here();
    this.#cursor = cursor;
    this.#marks = marks;
    this.#around = around;
    this.#add = add;
    this.#indent = Math.max(around.indent, 0);
    this.#footLine = from.line > 0 ? here.line - newlines + 1 + (newlines === 0 && here.column > 1 ? 1 : 0) : -1;
    this.#scanMark = from;
    this.#tokenMark = around.last.start;
    this.#firstEmpty = newlines <= 1;
    this.#line = here.line;
    this.#column = here.column;
  }

  scan(): void {
    for (; this.#peek < window; this.#peek++) {
      this.#column++;
      const place = { index: this.#cursor.at + this.#peek, line: this.#line, column: this.#column };
      const code = this.#cursor.text.charCodeAt(place.index);
      if (isBlank(code)) continue;
      const goesOn = this.#endsLine(place.index, code) ? this.#passBreak(place, code) : this.#passText(place, code);
      if (!goesOn) break;
    }
    if (this.#text === "") return;
    const index = this.#cursor.at + this.#peek - 1;
    this.#give("head", this.#startMark, { index, line: this.#line, column: this.#column });
  }

  #closes(code: number): boolean {
    return this.#around.inFlow && (code === ch.closeBracket || code === ch.closeBrace);
  }

  #isEnd(at: number): boolean {
    return at >= this.#cursor.text.length - 1;
  }

  #endsLine(at: number, code: number): boolean {
    return this.#closes(code) || this.#isEnd(at) || isBreak(code);
  }

  #passBreak(place: Mark, code: number): boolean {
    const closes = this.#closes(code);
    if (closes || !this.#recentEmpty) {
      const dedented = this.#startMark.column - 1 < this.#indent;
      const isFoot = this.#startMark.line === this.#footLine && this.#around.last.kind !== "value";
      if (closes || (this.#firstEmpty && (isFoot || dedented))) this.#foot(place, dedented);
      else if (this.#text !== "" && !this.#isEnd(place.index)) this.#text += "\n";
    }
    if (closes || this.#isEnd(place.index)) return false;
    this.#firstEmpty = false;
    this.#recentEmpty = true;
    this.#column = 0;
    this.#line++;
    return true;
  }

  #passText(place: Mark, code: number): boolean {
    const isElsewhere = place.column - 1 < this.#indent && place.column !== this.#startMark.column;
    if (this.#text !== "" && isElsewhere) this.#foot(place, false);
    if (code !== ch.hash) return false;
    if (this.#text === "") this.#startMark = place;
    else this.#text += "\n";
    this.#recentEmpty = false;
    const end = endOfLine(this.#cursor.text, place.index);
    this.#text += this.#cursor.text.slice(place.index, end);
    this.#cursor.at = end;
    // The break behind it is passed over as the first character; that its line is not counted is go-yaml's way.
    this.#peek = 0;
    this.#column = 0;
    this.#line = this.#marks.here().line;
    return true;
  }

  #foot(place: Mark, dedented: boolean): void {
    if (this.#text === "") return;
    this.#give("foot", dedented ? this.#startMark : this.#tokenMark, place);
    this.#scanMark = place;
    this.#tokenMark = place;
    this.#text = "";
  }

  #give(role: Comment["role"], tokenMark: Mark, endMark: Mark): void {
    const startMark = this.#startMark;
    this.#add({ scanMark: this.#scanMark, tokenMark, startMark, endMark, role, text: this.#text });
  }
}
