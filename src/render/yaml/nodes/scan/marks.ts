import { isBlank, isBreak } from "../../scan/chars.ts";
import type { Cursor } from "../../scan/cursor.ts";

/** A place in a text, all from 0. */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** Tells lines and columns of a text while a cursor goes through it. */
export class Marks {
  readonly #cursor: Cursor;
  readonly #starts: number[] = [0];
  #line = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    for (let at = 0; at < cursor.text.length; at++) {
      if (isBreak(cursor.text.charCodeAt(at))) this.#starts.push(at + 1);
    }
  }

  /** Where the cursor stands. */
  here(): Mark {
    return this.at(this.#cursor.at);
  }

  /** An index as a place; cheap where it is near the last one that was asked for. */
  at(index: number): Mark {
    while (this.#line > 0 && (this.#starts[this.#line] ?? 0) > index) this.#line--;
    while ((this.#starts[this.#line + 1] ?? Number.POSITIVE_INFINITY) <= index) this.#line++;
    return { index, line: this.#line, column: index - (this.#starts[this.#line] ?? 0) };
  }

  /** Moves over a line break, where one stands. */
  skipBreak(): boolean {
    if (!isBreak(this.#cursor.text.charCodeAt(this.#cursor.at))) return false;
    this.#cursor.at++;
    return true;
  }

  /** How many line breaks stand between the last text and the cursor. */
  newlines(): number {
    let count = 0;
    for (let at = this.#cursor.at - 1; at >= 0; at--) {
      const code = this.#cursor.text.charCodeAt(at);
      if (isBreak(code)) count++;
      else if (!isBlank(code)) break;
    }
    return count;
  }
}
