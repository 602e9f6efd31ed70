import { brokenPack } from "./broken-pack.ts";

/**
 * The object that a delta makes of its base: a list of "copy from the base" and "insert these bytes" instructions
 * (gitformat-pack(5), "Deltified representation"). Throws `Failure` (SourceInvalid) where it does not fit its base,
 * or says that the result is larger than `limit`.
 */
export function applyDelta(base: Buffer, delta: Buffer, limit: number): Buffer {
  const { baseSize, resultSize, start } = deltaSizes(delta);
  if (baseSize !== base.length) throw brokenPack("a delta does not fit its base");
  if (resultSize > limit) throw brokenPack(`a delta makes an object of ${resultSize} bytes, more than ${limit}`);
  const result = Buffer.allocUnsafe(resultSize);
  let at = start;
  let written = 0;
  while (at < delta.length) {
    const opcode = delta[at++] ?? 0;
    if (opcode === 0) throw brokenPack("a delta has an unknown instruction");
    const copied = (opcode & 0x80) !== 0;
    const span = copied ? copySpan(delta, at, opcode) : { from: at, size: opcode, next: at + opcode };
    const end = span.from + span.size;
    if (span.next > delta.length || end > (copied ? base : delta).length || written + span.size > resultSize) {
      throw brokenPack("a delta reaches beyond its data");
    }
    written += (copied ? base : delta).copy(result, written, span.from, end);
    at = span.next;
  }
  if (written !== resultSize) throw brokenPack("a delta makes less than it says");
  return result;
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

/** The low four bits say which bytes of the offset follow, the next three which of the size; no size means 64 KiB. */
function copySpan(delta: Buffer, start: number, opcode: number): { from: number; size: number; next: number } {
  let next = start;
  const gather = (bits: number, count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++) if ((bits & (1 << i)) !== 0) value += (delta[next++] ?? 0) * 256 ** i;
    return value;
  };
  const from = gather(opcode & 0x0f, 4);
  const size = gather((opcode >> 4) & 0x07, 3);
  return { from, size: size === 0 ? 0x10000 : size, next };
}
