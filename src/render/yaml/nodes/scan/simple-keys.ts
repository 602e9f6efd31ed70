import { type Cursor, invalid } from "../../scan/cursor.ts";
import type { Mark, Marks } from "./marks.ts";

/** Where a key without a question mark may have begun, which shows only at its colon. */
interface SimpleKey {
  readonly possible: boolean;
  readonly required: boolean;
  /** Of the token that it begins with. */
  readonly number: number;
  readonly mark: Mark;
}

/** So far from its start a key ends at the latest, in characters. */
const longestKey = 1024;

/** The keys that may have begun, one for each level of brackets. Throws `Failure` (YamlInvalid) for one that must be a key and is none. */
export class SimpleKeys {
  readonly #cursor: Cursor;
  readonly #marks: Marks;
  readonly #keys: SimpleKey[] = [];

  constructor(cursor: Cursor, marks: Marks) {
    this.#cursor = cursor;
    this.#marks = marks;
  }

  /** A level of brackets begins, or the text. */
  open(): void {
    this.#keys.push({ possible: false, required: false, number: 0, mark: this.#marks.here() });
  }

  /** A level of brackets ends. */
  close(): void {
    this.#keys.pop();
  }

  /** A key may begin at the cursor, with the token of that number. */
  save(number: number, required: boolean): void {
    this.drop();
    this.#keys[this.#keys.length - 1] = { possible: true, required, number, mark: this.#marks.here() };
  }

  /** What was begun last is no key. */
  drop(): void {
    const key = this.#keys.at(-1);
    if (key?.possible !== true) return;
    if (key.required) throw this.#withoutColon(key);
    this.#forget(this.#keys.length - 1);
  }

  /** The key that ends at the cursor, which is then known; undefined where there is none. */
  take(): SimpleKey | undefined {
    const last = this.#keys.length - 1;
    const key = this.#keys[last];
    if (key?.possible !== true || !this.#isInReach(last, key)) return undefined;
    this.#forget(last);
    return key;
  }

  /** Whether a key may begin with the token of that number. */
  mayBegin(number: number): boolean {
    const index = this.#keys.findIndex((key) => key.possible && key.number === number);
    const key = this.#keys[index];
    return key !== undefined && this.#isInReach(index, key);
  }

  #isInReach(index: number, key: SimpleKey): boolean {
    const here = this.#marks.here();
    if (key.mark.line >= here.line && key.mark.index + longestKey >= here.index) return true;
    if (key.required) throw this.#withoutColon(key);
    this.#forget(index);
    return false;
  }

  #forget(index: number): void {
    const key = this.#keys[index];
    if (key !== undefined) this.#keys[index] = { ...key, possible: false };
  }

  #withoutColon(key: SimpleKey): Error {
    return invalid(this.#cursor, key.mark.index, { message: "a key without a colon" });
  }
}
