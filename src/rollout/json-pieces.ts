/** Where a piece is in a text, in bytes: from, and up to. */
export type Piece = readonly [start: number, end: number];

/**
 * A JSON text in pieces that can be read one by one: what stands in it deeper than `depth` objects and lists is cut out,
 * and in its place stands `{"":2}`, with the number of its piece. No other object stands so deep in what is left.
 */
export interface JsonPieces {
  readonly rest: string;
  readonly pieces: readonly Piece[];
}

/** What a text in pieces may be. All of it is read in the process that serves everybody, each piece and the rest at once. */
export interface PieceLimits {
  readonly values: number;
  /** Bytes of the rest, and of each piece. */
  readonly bytes: number;
}

/**
 * Cuts a JSON text up, in steps of some ten thousand bytes. A text that is no JSON comes out in pieces that are none.
 * Answers with what it has too much of where it is beyond the limits.
 */
export function* cutJson(
  text: Buffer,
  depth: number,
  limits: PieceLimits,
): Generator<undefined, JsonPieces | "values" | "bytes"> {
  const cutter = new Cutter(text, depth);
  let next = stepBytes;
  for (let at = 0; at < text.length; at++) {
    at = cutter.pass(at);
    if (cutter.values > limits.values) return "values";
    if (cutter.largest > limits.bytes) return "bytes";
    if (at < next) continue;
    next = at + stepBytes;
    yield;
  }
  const rest = cutter.rest();
  return rest.length > limits.bytes ? "bytes" : { rest, pieces: cutter.pieces };
}

class Cutter {
  readonly pieces: Piece[] = [];
  /** How many values were passed, the whole among them. */
  values = 1;
  /** Bytes of the largest piece. */
  largest = 0;
  readonly #text: Buffer;
  readonly #depth: number;
  readonly #rest: string[] = [];
  /** Where what is not yet in the rest begins, and the piece under way. */
  #kept = 0;
  #start = 0;
  #open = 0;

  constructor(text: Buffer, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  rest(): string {
    return this.#rest.join("") + this.#text.toString("utf8", this.#kept);
  }

  /** Passes a byte, or a whole string; answers with the last place passed. */
  pass(at: number): number {
    const byte = this.#text[at];
    if (byte === quote) return endOfString(this.#text, at);
    if (byte === comma) this.values += 1;
    else if (byte === brace || byte === bracket) this.#enter(at);
    else if (byte === closingBrace || byte === closingBracket) this.#leave(at);
    return at;
  }

  #enter(at: number): void {
    this.values += 1;
    this.#open += 1;
    if (this.#open === this.#depth + 1) this.#start = at;
  }

  #leave(at: number): void {
    this.#open -= 1;
    if (this.#open !== this.#depth) return;
    this.#rest.push(this.#text.toString("utf8", this.#kept, this.#start), `{"":${this.pieces.length}}`);
    this.#kept = at + 1;
    this.pieces.push([this.#start, this.#kept]);
    this.largest = Math.max(this.largest, this.#kept - this.#start);
  }
}

const stepBytes = 16_384;
const [quote, comma, backslash] = [0x22, 0x2c, 0x5c];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Where a string ends that begins here: at its closing quote, or at the end of a text that has none. */
function endOfString(text: Buffer, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}
