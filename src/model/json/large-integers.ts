/** The smallest integer that is not safe has 16 digits; what stands in strings like that costs a scan and no more. */
const mayHoldLarge = /(?:^|[:,[\s-])\d{16}/;

/** More digits than any format has: making a bigint of them takes time that grows faster than the text does. */
const mostDigits = 10_000;

/** The parts of an array or object that are, or hold, large integers: by index or key. */
type Places = Map<number | string, bigint | Places>;

/**
 * Puts `bigint` for those numbers of a parsed JSON text that are integers and not safe, and returns the value. One scan of
 * the text finds them, and only the ways to them are walked: it costs no more than parsing did, whatever the text holds.
 * Throws `SyntaxError` for an integer of more than 10,000 digits.
 */
export function withLargeIntegers(text: string, parsed: unknown): unknown {
  if (!mayHoldLarge.test(text)) return parsed;
  const found = new Scan(text).run();
  const root = found.get(0);
  if (root === undefined || typeof root === "bigint") return root ?? parsed;
  replace(parsed, root);
  return parsed;
}

const code = {
  quote: 0x22,
  comma: 0x2c,
  minus: 0x2d,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** An array or object that the scan is in. */
interface Frame {
  /** The index where it is, or where in the text its key is: [from, to). */
  index: number;
  keyFrom: number;
  keyTo: number;
  isList: boolean;
  places: Places | undefined;
}

/** Goes through a text that JSON.parse has read, so that nothing of its form is checked again. */
class Scan {
  readonly #text: string;
  /** By depth; used again, as there may be millions. The first one stands around the whole text. */
  readonly #frames: Frame[] = [newFrame()];
  #depth = 0;
  /** The last string. */
  #from = 0;
  #to = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Places {
    const text = this.#text;
    for (let at = 0; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (char === code.quote) {
        this.#from = at;
        at = endOfString(text, at);
        this.#to = at + 1;
      } else if (char === code.comma) this.#frame.index += 1;
      else if (char === code.colon) this.#member();
      else if (char === code.openList || char === code.openObject) this.#open(char === code.openList);
      else if (char === code.closeList || char === code.closeObject) this.#depth -= 1;
      else if (char === code.minus || (char >= code.zero && char <= code.nine)) at = this.#number(at);
    }
    return this.#places(0);
  }

  get #frame(): Frame {
    return this.#at(this.#depth);
  }

  #at(depth: number): Frame {
    const frame = this.#frames[depth] ?? newFrame();
    this.#frames[depth] = frame;
    return frame;
  }

  #open(isList: boolean): void {
    this.#depth += 1;
    const frame = this.#frame;
    frame.index = 0;
    frame.isList = isList;
    frame.places = undefined;
  }

  /** A key that comes again takes what stood under it before. */
  #member(): void {
    const frame = this.#frame;
    frame.keyFrom = this.#from;
    frame.keyTo = this.#to;
    frame.places?.delete(this.#place(frame));
  }

  /** Returns where the number ends. */
  #number(start: number): number {
    const text = this.#text;
    let at = start + 1;
    while (isDigit(text.charCodeAt(at))) at += 1;
    const digits = at - start;
    let isInteger = true;
    while (isOfNumber(text.charCodeAt(at))) {
      isInteger = false;
      at += 1;
    }
    if (isInteger && digits >= 16) this.#integer(text.slice(start, at));
    return at - 1;
  }

  #integer(digits: string): void {
    if (digits.length > mostDigits) throw new SyntaxError(`a number has more than ${mostDigits} digits`);
    if (Number.isSafeInteger(Number(digits))) return;
    this.#places(this.#depth).set(this.#place(this.#frame), BigInt(digits));
  }

  /** The places in the frame at a depth, which those above it learn of. */
  #places(deepest: number): Places {
    let known = deepest;
    while (known > 0 && this.#at(known).places === undefined) known -= 1;
    const first = this.#at(known);
    first.places ??= new Map();
    let places = first.places;
    for (let depth = known + 1; depth <= deepest; depth++) {
      const within: Places = new Map();
      places.set(this.#place(this.#at(depth - 1)), within);
      this.#at(depth).places = within;
      places = within;
    }
    return places;
  }

  #place({ isList, index, keyFrom, keyTo }: Frame): number | string {
    if (isList) return index;
    const quoted = this.#text.slice(keyFrom, keyTo);
    return quoted.includes("\\") ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  }
}

function newFrame(): Frame {
  return { index: 0, keyFrom: 0, keyTo: 0, isList: true, places: undefined };
}

/** Where the quote is that ends the string of a JSON text which begins at `start`; the end of the text where it has none. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === code.backslash) before -= 1;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}

function isDigit(char: number): boolean {
  return char >= code.zero && char <= code.nine;
}

/** A fraction or an exponent: `.`, `e`, `E`, `+`, `-` and digits. */
function isOfNumber(char: number): boolean {
  return isDigit(char) || char === 0x2e || char === 0x65 || char === 0x45 || char === 0x2b || char === code.minus;
}

/** Without recursion: a text may be nested deeper than the stack. */
function replace(parsed: unknown, root: Places): void {
  const pending: [unknown, Places][] = [[parsed, root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [holder, places] = next;
    // JSON.parse made both, of the same text.
    const members = holder as Record<number | string, unknown>;
    for (const [place, found] of places) {
      // The member is there already, and is its own whatever its name.
      if (typeof found === "bigint") members[place] = found;
      else pending.push([members[place], found]);
    }
  }
}
