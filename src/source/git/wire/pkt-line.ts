import { createPace } from "../../../clock/index.ts";
import { Failure } from "../../../model/failure.ts";
import { oneLine } from "../../../model/text/one-line.ts";
import { tooLarge } from "../objects/limits.ts";

/** A packet of Git's wire protocol: a line with data, or one of the three marks. */
export type Packet = Buffer | "flush" | "delimiter" | "end";

const marks: Readonly<Record<number, Packet>> = { 0: "flush", 1: "delimiter", 2: "end" };
const lengthBytes = 4;

/** Writes a packet with a line of text. */
export function packet(line: string): Buffer {
  const data = Buffer.from(`${line}\n`);
  return Buffer.concat([Buffer.from((data.length + lengthBytes).toString(16).padStart(lengthBytes, "0")), data]);
}

/** The mark that ends a list of packets, and the one between two parts. */
export const flush: Buffer = Buffer.from("0000");
export const delimiter: Buffer = Buffer.from("0001");

/**
 * The packet at an offset, and where the next begins; undefined where it has not arrived in full
 * (gitprotocol-common(5)). Throws `Failure` (SourceInvalid) for what is none.
 */
function packetAt(bytes: Buffer, at: number): { readonly packet: Packet; readonly end: number } | undefined {
  if (at + lengthBytes > bytes.length) return undefined;
  const text = bytes.toString("latin1", at, at + lengthBytes);
  const length = /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : 3;
  if (length === 3) throw notGitProtocol();
  const mark = marks[length];
  if (mark !== undefined) return { packet: mark, end: at + lengthBytes };
  const end = at + length;
  return end > bytes.length ? undefined : { packet: bytes.subarray(at + lengthBytes, end), end };
}

/** Reads packets as they arrive. Throws `Failure` (SourceInvalid). */
export async function* readPackets(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = Buffer.concat([rest, piece]);
    let at = 0;
    for (let next = packetAt(rest, at); next !== undefined; next = packetAt(rest, at)) {
      at = next.end;
      yield next.packet;
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0) throw notPackets("the answer ends in the middle of a packet");
}

/** Lines and marks of one list: empty ones cost time, however few bytes they have. */
const maxLines = 1_000_000;

/**
 * Reads a list of lines that ends with a flush mark, without their line breaks, in slices: all may come in one piece. Throws
 * `Failure`: SourceInvalid where it is not of the Git protocol or cut short, InputTooLarge beyond `limit` bytes or a
 * million lines.
 */
export async function* readLines(pieces: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  const pace = createPace();
  let last: Packet | undefined;
  let count = 0;
  for await (const next of readPackets(within(pieces, limit, "bytes of references"))) {
    await pace();
    last = next;
    count += 1;
    if (count > maxLines) throw tooLarge("lines in a list", maxLines);
    if (typeof next !== "string") yield next.toString("utf8").replace(/\n$/, "");
  }
  if (last !== "flush" && last !== "end") throw notPackets("the answer ends too early");
}

/** The same pieces. Throws `Failure` (InputTooLarge), which names `what`, beyond `limit` bytes. */
export async function* within(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
  what: string,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > limit) throw tooLarge(what, limit);
    yield piece;
  }
}

/**
 * Splits an advertisement, up to and with its first flush mark, from what follows.
 * Throws `Failure`: SourceInvalid where it is not of the Git protocol, SourceDenied where the server refuses in its place,
 * InputTooLarge beyond `limit` bytes.
 */
export async function splitAtFlush(
  pieces: AsyncGenerator<Buffer>,
  limit: number,
): Promise<{ readonly head: Buffer; readonly rest: AsyncGenerator<Buffer> }> {
  const head: Buffer[] = [];
  let size = 0;
  let unread: Buffer = Buffer.alloc(0);
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
    size += piece.value.length;
    if (size > limit) throw tooLarge("bytes of references", limit);
    unread = Buffer.concat([unread, piece.value]);
    let at = 0;
    for (let next = packetAt(unread, at); next !== undefined; next = packetAt(unread, at)) {
      at = next.end;
      if (typeof next.packet !== "string") refuseError(next.packet.toString("utf8"));
      if (next.packet !== "flush") continue;
      head.push(unread.subarray(0, at));
      return { head: Buffer.concat(head), rest: preceded(unread.subarray(at), pieces) };
    }
    if (at > 0) head.push(unread.subarray(0, at));
    unread = unread.subarray(at);
  }
  throw notPackets("the answer is empty");
}

async function* preceded(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}

/** Throws `Failure` (SourceDenied) for an error packet. */
export function refuseError(line: string): void {
  if (!line.startsWith("ERR ")) return;
  throw new Failure("SourceDenied", { message: `the server says: ${oneLine(line.slice("ERR ".length))}` });
}

/** The failure of what is not of the Git protocol. */
export function notGitProtocol(): Failure {
  return notPackets("the answer is not of the Git protocol");
}

function notPackets(message: string): Failure {
  return new Failure("SourceInvalid", { message });
}
