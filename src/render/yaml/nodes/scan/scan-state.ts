import { type Cursor, excerpt, invalid, newCursor } from "../../scan/cursor.ts";
import type { NodeStyle } from "../node.ts";
import { CommentScanner } from "./comment-scanner.ts";
import { type Mark, Marks } from "./marks.ts";
import { Nesting } from "./nesting.ts";
import { SimpleKeys } from "./simple-keys.ts";
import { type Token, type TokenKind, token } from "./token.ts";
import { TokenQueue } from "./token-queue.ts";

/** Where the scan of a text stands: the cursor, the open blocks and brackets, possible keys, and the tokens to give out. */
export class ScanState {
  readonly cursor: Cursor;
  readonly marks: Marks;
  readonly queue = new TokenQueue();
  readonly keys: SimpleKeys;
  readonly nesting = new Nesting();
  readonly comments: CommentScanner;

  constructor(text: string, file: string) {
    this.cursor = newCursor({ text: `${text}\0`, firstLine: 1 }, { file, dialect: "v3" });
    this.marks = new Marks(this.cursor);
    this.keys = new SimpleKeys(this.cursor, this.marks);
    this.comments = new CommentScanner(this.cursor, this.marks);
  }

  /** A token behind those that were read. */
  push(kind: TokenKind, start: Mark, text = "", style: NodeStyle = "plain"): void {
    this.queue.push({ kind, start, text, style });
  }

  /** An indicator of so many characters at the cursor. */
  indicator(kind: TokenKind, width: number): void {
    const start = this.marks.here();
    this.cursor.at += width;
    this.push(kind, start);
  }

  /** A simple key may begin here. */
  saveKey(): void {
    if (!this.cursor.keyAllowed) return;
    const required = !this.nesting.inFlow && this.nesting.indent === this.marks.here().column;
    this.keys.save(this.queue.next, required);
  }

  /** A block begins in the column of a mark, unless it is the one that is open already. */
  roll(mark: Mark, number: number | undefined, kind: "listStart" | "mapStart"): void {
    if (!this.nesting.enter(mark.column)) return;
    if (number === undefined) this.push(kind, mark);
    else this.queue.insert(number, token(kind, mark));
  }

  /** Ends the blocks that are indented by more than a column. */
  unroll(column: number, scanMark: Mark): void {
    let mark = { ...scanMark, index: scanMark.index - 1 };
    for (let left = this.nesting.leave(column); left !== undefined; left = this.nesting.leave(column)) {
      mark = this.comments.endOfBlock(mark, left);
      this.push("blockEnd", mark);
    }
  }

  /** The cursor, with the start of its line, which those who scan scalars go by. */
  synced(): Cursor {
    this.cursor.lineStart = this.cursor.at - this.marks.here().column;
    return this.cursor;
  }

  /** The problem with a token thatis not allowed here. */
  unexpected({ start }: Token): Error {
    return invalid(this.cursor, start.index, {
      message: `${excerpt(this.cursor, start.index)}is not allowed here`,
    });
  }

  /** The problem with what stands at the cursor. */
  misplaced(what: string): Error {
    return invalid(this.cursor, this.cursor.at, { message: `${what}is not allowed here` });
  }
}
