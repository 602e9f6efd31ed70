import { brokenPack } from "./broken-pack.ts";

/** What an instruction costs beside the bytes it makes, in bytes: a delta of one-byte copies is slow in each of them. */
const instructionBytes = 16;
/** So many instructions are followed between two steps: some milliseconds. */
const stride = 20_000;
/** What is shorter is copied faster by hand. */
const shortSpan = 24;

/** What a delta is applied to, and within which limits. */
export interface DeltaInput {
  readonly base: Buffer;
  readonly delta: Buffer;
  /** Bytes of the result. */
  readonly limit: number;
  /** Called with what it costs, in bytes; throws over budget. */
  readonly spend: (bytes: number) => void;
}

/**
 * The object that a delta makes of its base: a list of "copy from the base" and "insert these bytes" instructions
 * (gitformat-pack(5), "Deltified representation"), in steps. Throws `Failure` (SourceInvalid) where it does not fit its
 * base, or says that the result is larger than `limit`.
 */
export function* deltaSteps({ base, delta, limit, spend }: DeltaInput): Generator<void, Buffer> {
  const { baseSize, resultSize, start } = deltaSizes(delta);
  if (baseSize !== base.length) throw brokenPack("a delta does not fit its base");
  if (resultSize > limit) throw brokenPack(`a delta makes an object of ${resultSize} bytes, more than ${limit}`);
  spend(resultSize);
  const result = Buffer.allocUnsafe(resultSize);
  const reader = new InstructionReader(base, delta, start);
  let written = 0;
  while (!reader.isDone) {
    let count = 0;
    for (; count < stride && !reader.isDone; count++) {
      reader.next(resultSize - written);
      written += copy(reader.source, result, { from: reader.from, size: reader.size, to: written });
    }
    spend(count * instructionBytes);
    yield;
  }
  if (written !== resultSize) throw brokenPack("a delta produces less than it declares");
  return result;
}

interface Span {
  readonly from: number;
  readonly size: number;
  readonly to: number;
}

function copy(source: Buffer, result: Buffer, { from, size, to }: Span): number {
  if (size > shortSpan) source.copy(result, to, from, from + size);
  else for (let at = 0; at < size; at++) result[to + at] = source[from + at] ?? 0;
  return size;
}

/** Reads one instruction after the other into its fields: there may be millions, so that none makes an object. */
class InstructionReader {
  readonly #base: Buffer;
  readonly #delta: Buffer;
  #at: number;
  source: Buffer;
  from = 0;
  size = 0;

  constructor(base: Buffer, delta: Buffer, start: number) {
    this.#base = base;
    this.#delta = delta;
    this.#at = start;
    this.source = delta;
  }

  get isDone(): boolean {
    return this.#at >= this.#delta.length;
  }

  /** Throws `Failure` (SourceInvalid) where it makes more than `most` bytes, or of bytes that are not there. */
  next(most: number): void {
    const opcode = this.#delta[this.#at++] ?? 0;
    if (opcode === 0) throw brokenPack("a delta has an unknown instruction");
    if (opcode >= 0x80) this.#readCopy(opcode);
    else this.#readInsert(opcode);
    const isBeyond = this.#at > this.#delta.length || this.from + this.size > this.source.length;
    if (isBeyond || this.size > most) throw brokenPack("a delta reaches beyond its data");
  }

  #readInsert(size: number): void {
    this.source = this.#delta;
    this.from = this.#at;
    this.size = size;
    this.#at += size;
  }

  /** The low four bits say which bytes of the offset follow, the next three which of the size; no size means 64 KiB. */
  #readCopy(opcode: number): void {
    this.source = this.#base;
    this.from = this.#number(opcode, 4);
    this.size = this.#number(opcode >> 4, 3) || 0x10000;
  }

  #number(bits: number, count: number): number {
    let value = 0;
    let factor = 1;
    for (let bit = 0; bit < count; bit++, factor *= 256) {
      if ((bits & (1 << bit)) !== 0) value += (this.#delta[this.#at++] ?? 0) * factor;
    }
    return value;
  }
}

function deltaSizes(delta: Buffer): { baseSize: number; resultSize: number; start: number } {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.next);
  return { baseSize: base.value, resultSize: result.value, start: result.next };
}

/** Little-endian groups of seven bits. Multiplied, not shifted: sizes beyond 2^31 must not turn negative. */
function readSize(delta: Buffer, start: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let at = start; at < start + 7; at++) {
    const byte = delta[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw brokenPack("a delta has no size");
}
