import { parseJson } from "./json.ts";
import { endOfString } from "./large-integers.ts";

/** Arrays, objects and members that JSON.parse is given at a time: a few milliseconds whatever they are. */
const piece = 2_000;
/** Characters that are gone through at a time. */
const stretch = 2 ** 16;
/** As deep as Go reads JSON, and so as deep as an object in a cluster can be. */
const deepest = 10_000;

/** An array or object that the reader is in: its members are parsed run by run. */
interface Frame {
  from: number;
  isList: boolean;
  /** Where the run begins that was not parsed yet, and how many arrays, objects and members it holds. */
  run: number;
  count: number;
  /** Whether the run is the first one, so that it may be empty. */
  isFirst: boolean;
  /** What was built of the runs before. */
  built: Built | undefined;
  /** A part of the run that was built by itself, because it is large: it is the value of the run's last member. */
  child: { readonly from: number; readonly to: number; readonly value: Built } | undefined;
  /** The last key: [from, to). */
  keyFrom: number;
  keyTo: number;
}

type Built = unknown[] | Record<string, unknown>;

/**
 * Reads a JSON text as `parseJson` does, in pieces between which the event loop is free: whatever it holds, no step
 * takes longer than a few milliseconds and the time of copying its longest string. `spend` is told how many arrays, objects
 * and members are about to be made of it, which is what they cost in memory, and may throw. Throws what `parseJson` throws,
 * and `SyntaxError` for what is nested more than 10,000 deep.
 */
export function* readInPieces(text: string, spend: (values: number) => void): Generator<undefined, unknown> {
  const reader = new Reader(text, spend);
  while (reader.advance()) yield;
  return reader.end();
}

class Reader {
  readonly #text: string;
  readonly #spend: (values: number) => void;
  /** By depth; used again, as there may be millions. The first one stands around the whole text. */
  readonly #frames: Frame[] = [newFrame()];
  #frame: Frame;
  #depth = 0;
  #at = 0;
  /** The last string: [from, to). */
  #from = 0;
  #to = 0;

  constructor(text: string, spend: (values: number) => void) {
    this.#text = text;
    this.#spend = spend;
    this.#frame = this.#frameAt(0);
  }

  /** Goes on to the end of a run, or for a while. Tells whether there is more. */
  advance(): boolean {
    const text = this.#text;
    const most = Math.min(text.length, this.#at + stretch);
    let parsed = false;
    while (this.#at < most && !parsed) {
      const char = text.charCodeAt(this.#at);
      if (char === 0x22) this.#string();
      else if (char === 0x2c) parsed = this.#comma();
      else if (char === 0x3a) this.#colon();
      else if (char === 0x5b || char === 0x7b) this.#open(char === 0x5b);
      else if (char === 0x5d || char === 0x7d) parsed = this.#close(char === 0x5d);
      this.#at += 1;
    }
    return this.#at < text.length;
  }

  end(): unknown {
    if (this.#depth > 0) throw new SyntaxError("the text ends within an array or object");
    const { count, child } = this.#frame;
    if (child === undefined) {
      this.#spend(count + 1);
      return parseJson(this.#text);
    }
    parseJson(this.#runText(this.#text.length));
    return child.value;
  }

  #frameAt(depth: number): Frame {
    const frame = this.#frames[depth] ?? newFrame();
    this.#frames[depth] = frame;
    return frame;
  }

  #string(): void {
    const end = endOfString(this.#text, this.#at);
    this.#from = this.#at;
    this.#to = end + 1;
    this.#at = end;
  }

  #colon(): void {
    this.#frame.keyFrom = this.#from;
    this.#frame.keyTo = this.#to;
  }

  #comma(): boolean {
    const frame = this.#frame;
    if (this.#depth === 0) throw new SyntaxError("a comma is not within an array or object");
    frame.count += 1;
    if (frame.child === undefined && frame.count < piece) return false;
    this.#parseRun(false);
    return true;
  }

  #open(isList: boolean): void {
    this.#depth += 1;
    if (this.#depth > deepest) throw new SyntaxError(`the text is nested more than ${deepest} deep`);
    const frame = this.#frameAt(this.#depth);
    this.#frame = frame;
    frame.from = this.#at;
    frame.isList = isList;
    frame.run = this.#at + 1;
    frame.count = 0;
    frame.isFirst = true;
    frame.built = undefined;
    frame.child = undefined;
  }

  #close(isList: boolean): boolean {
    const frame = this.#frame;
    if (this.#depth === 0 || frame.isList !== isList) throw new SyntaxError("a bracket closes what was not opened");
    this.#depth -= 1;
    const parent = this.#frameAt(this.#depth);
    if (frame.built === undefined && frame.child === undefined && frame.count < piece) {
      this.#frame = parent;
      parent.count += frame.count + 1;
      return false;
    }
    const value = this.#parseRun(true);
    this.#frame = parent;
    if (parent.child !== undefined) throw new SyntaxError("two values are not separated");
    parent.child = { from: frame.from, to: this.#at + 1, value };
    frame.built = undefined;
    return true;
  }

  /** Parses the run that ends here and adds it to what was built. JSON.parse sees to its form. */
  #parseRun(isLast: boolean): Built {
    const frame = this.#frame;
    this.#spend(frame.count + 1);
    const inner = this.#runText(this.#at);
    const part = parseJson(frame.isList ? `[${inner}]` : `{${inner}}`) as Built;
    const isEmpty = Array.isArray(part) ? part.length === 0 : Object.keys(part).length === 0;
    if (isEmpty && !(isLast && frame.isFirst)) throw new SyntaxError("there is nothing between two commas");
    if (frame.child !== undefined) this.#adopt(part, frame.child.value);
    frame.built = frame.built === undefined ? part : joined(frame.built, part);
    frame.child = undefined;
    frame.isFirst = false;
    frame.count = 0;
    frame.run = this.#at + 1;
    return frame.built;
  }

  #runText(end: number): string {
    const { run, child } = this.#frame;
    if (child === undefined) return this.#text.slice(run, end);
    return `${this.#text.slice(run, child.from)}null${this.#text.slice(child.to, end)}`;
  }

  #adopt(part: Built, value: Built): void {
    if (Array.isArray(part)) part[part.length - 1] = value;
    // The member is there already, and is its own whatever its name.
    else part[String(JSON.parse(this.#text.slice(this.#frame.keyFrom, this.#frame.keyTo)))] = value;
  }
}

function newFrame(): Frame {
  return {
    from: 0,
    isList: true,
    run: 0,
    count: 0,
    isFirst: true,
    built: undefined,
    child: undefined,
    keyFrom: 0,
    keyTo: 0,
  };
}

function joined(built: Built, part: Built): Built {
  if (Array.isArray(built)) {
    for (const value of Object.values(part)) built.push(value);
    return built;
  }
  for (const [name, value] of Object.entries(part)) {
    if (name === "__proto__") Object.defineProperty(built, name, { value, ...ordinary });
    else built[name] = value;
  }
  return built;
}

const ordinary = { configurable: true, enumerable: true, writable: true } as const;
