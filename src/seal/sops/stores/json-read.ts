import { isInt64 } from "../encryption/value.ts";
import { Branch, List, type Member, type Value } from "../tree.ts";

/** Nothing that SOPS wrote is nested deeper. */
const maxDepth = 500;

const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\n\r]*/y;
/**
 * A JSON file as SOPS reads it (`stores/json/store.go` of getsops/sops): an object, its members in the order of the file
 * whatever their names, duplicates included. Undefined where the text is not JSON, or not an object.
 */
export function readJson(text: string): Branch | undefined {
  const reader = new Reader(text);
  try {
    const value = reader.value(0);
    reader.end();
    return value instanceof Branch ? value : undefined;
  } catch (thrown) {
    if (thrown instanceof NotJson) return undefined;
    throw thrown;
  }
}

class NotJson extends Error {}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Value {
    if (depth > maxDepth) throw new NotJson();
    this.#take(space);
    const next = this.#text[this.#at];
    if (next === "{") return new Branch(this.#members(depth));
    if (next === "[") return new List(this.#sequence("]", () => this.value(depth + 1)));
    if (next === '"') return this.#string();
    const name = this.#take(word);
    if (name !== undefined) return name[0] === "null" ? null : name[0] === "true";
    return this.#number();
  }

  end(): void {
    this.#take(space);
    if (this.#at < this.#text.length) throw new NotJson();
  }

  #members(depth: number): readonly Member[] {
    return this.#sequence("}", () => {
      this.#take(space);
      const key = this.#string();
      this.#expect(":");
      return { key, value: this.value(depth + 1) };
    });
  }

  #sequence<T>(close: string, one: () => T): readonly T[] {
    this.#at += 1;
    this.#take(space);
    const items: T[] = [];
    if (this.#text[this.#at] !== close) {
      do items.push(one());
      while (this.#isNext(","));
    }
    this.#expect(close);
    return items;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw new NotJson();
    let end = start + 1;
    while (this.#text[end] !== '"') {
      if (end >= this.#text.length) throw new NotJson();
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = end + 1;
    return parsed(this.#text.slice(start, end + 1));
  }

  #number(): bigint | number {
    const found = this.#take(number);
    if (found === undefined) throw new NotJson();
    const isWhole = found[1] === undefined && found[2] === undefined;
    return isWhole && found[0].length < 21 && isInt64(BigInt(found[0])) ? BigInt(found[0]) : Number(found[0]);
  }

  #isNext(sign: string): boolean {
    this.#take(space);
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#isNext(sign)) throw new NotJson();
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }
}

/** The text of a quoted string. */
function parsed(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new NotJson();
  }
}
