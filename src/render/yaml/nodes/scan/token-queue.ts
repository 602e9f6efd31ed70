import type { Token } from "./token.ts";

/** Tokens that were read and not yet taken, each with the number that it has in the text. */
export class TokenQueue {
  readonly #tokens: Token[] = [];
  #taken = 0;

  get length(): number {
    return this.#tokens.length;
  }

  /** The number of the first of them. */
  get number(): number {
    return this.#taken;
  }

  /** The number that the next one gets. */
  get next(): number {
    return this.#taken + this.#tokens.length;
  }

  /** One of them by its index; a negative one counts from the end. */
  at(index: number): Token | undefined {
    return this.#tokens.at(index);
  }

  push(token: Token): void {
    this.#tokens.push(token);
  }

  /** Puts a token before the one of that number. */
  insert(number: number, token: Token): void {
    this.#tokens.splice(number - this.#taken, 0, token);
  }

  /** Takes the first. */
  take(): void {
    this.#tokens.shift();
    this.#taken++;
  }
}
