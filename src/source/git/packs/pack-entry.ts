import { createHash, type Hash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { createInflate, inflate, inflateSync, type ZlibOptions } from "node:zlib";
import { brokenPack } from "./broken-pack.ts";
import type { PackFile } from "./pack-file.ts";

/** The four kinds of Git objects. */
export type ObjectType = "commit" | "tree" | "blob" | "tag";

/** The head of an object in a pack: gitformat-pack(5). */
export interface EntryHead {
  /** Undefined for a delta, which has its base's type. */
  readonly type: ObjectType | undefined;
  /** Of a delta: where its base is, by offset in this pack or by name. */
  readonly base: number | string | undefined;
  /** Bytes when inflated; of the delta itself where it is one. */
  readonly size: number;
  /** Where the deflated data begins. */
  readonly dataAt: number;
}

const types: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const offsetDelta = 6;
const namedDelta = 7;
/** More than any head needs: ten bytes of size, twenty of base. */
const headBytes = 40;

/** Reads the head of the entry at an offset. Throws `Failure` (SourceInvalid). */
export async function readHead(pack: PackFile, offset: number): Promise<EntryHead> {
  const bytes = await pack.view(offset, headBytes);
  const first = bytes[0] ?? 0;
  let size = first & 0x0f;
  let at = 1;
  for (let factor = 16, more = first >= 0x80; more; factor *= 128, at++) {
    if (at > 8) throw brokenPack("an object claims an impossible size");
    const byte = bytes[at] ?? 0;
    size += (byte & 0x7f) * factor;
    more = byte >= 0x80;
  }
  const code = (first >> 4) & 7;
  const { base, length } = readBase(bytes.subarray(at), code, offset);
  const dataAt = offset + at + length;
  const type = types[code];
  if ((type === undefined && base === undefined) || dataAt >= pack.size) throw brokenPack("an object has no header");
  return { type, base, size, dataAt };
}

function readBase(bytes: Buffer, code: number, offset: number): { base: number | string | undefined; length: number } {
  if (code === namedDelta) return { base: bytes.toString("hex", 0, 20), length: 20 };
  if (code !== offsetDelta) return { base: undefined, length: 0 };
  let distance = (bytes[0] ?? 0) & 0x7f;
  let length = 1;
  while ((bytes[length - 1] ?? 0) >= 0x80 && length < 8) {
    distance = (distance + 1) * 128 + ((bytes[length] ?? 0) & 0x7f);
    length++;
  }
  if (distance <= 0 || distance > offset) throw brokenPack("a delta has its base outside the pack");
  return { base: offset - distance, length };
}

/** Inflates the data of an entry, which must have exactly the size its head says; `end` is where the next begins. */
export async function inflateEntry(pack: PackFile, head: EntryHead): Promise<{ data: Buffer; end: number }> {
  // What zlib makes of data that cannot be compressed; other programs may write a little more, hence the second try.
  const usual = head.size + (head.size >> 8) + 128;
  for (const length of [usual, 2 * usual]) {
    const deflated = await pack.view(head.dataAt, length);
    const result = head.size > aside ? await inflateAside(deflated, head.size) : tryInflate(deflated, head.size);
    if (result === "incomplete" && deflated.length === length) continue;
    if (result === "incomplete" || result === "broken" || result.buffer.length !== head.size) break;
    return { data: result.buffer, end: head.dataAt + result.engine.bytesWritten };
  }
  throw brokenPack("an object does not inflate to its declared size");
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** What is larger is inflated on another thread, so that the event loop goes on. */
const aside = 64 * 1024;

function tryInflate(deflated: Buffer, size: number): Inflated | "incomplete" | "broken" {
  try {
    return asInflated(inflateSync(deflated, inflating(size)));
  } catch (thrown) {
    return whyNotInflated(thrown);
  }
}

function inflateAside(deflated: Buffer, size: number): Promise<Inflated | "incomplete" | "broken"> {
  return promisify<Buffer, ZlibOptions, unknown>(inflate)(deflated, inflating(size)).then(asInflated, whyNotInflated);
}

/** `info` makes it answer with the engine as well, which the types do not know. */
function inflating(size: number): ZlibOptions {
  return { info: true, maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) };
}

function asInflated(result: unknown): Inflated {
  return result as Inflated;
}

function whyNotInflated(thrown: unknown): "incomplete" | "broken" {
  return Object(thrown).code === "Z_BUF_ERROR" ? "incomplete" : "broken";
}

/** The name of a large undeltified object and where the next entry begins, without holding it in memory. */
export async function hashLargeEntry(pack: PackFile, head: EntryHead): Promise<{ oid: string; end: number }> {
  const hash = objectHash(head.type ?? "blob", head.size);
  const inflating = createInflate();
  // It stops in the middle of its input when the object ends, which is no failure; a real one ends the loop below.
  pipeline(Readable.from(pack.stream(head.dataAt)), inflating, () => {});
  let size = 0;
  try {
    for await (const piece of inflating) {
      size += piece.length;
      if (size > head.size) break;
      hash.update(piece);
    }
  } catch (thrown) {
    throw brokenPack("an object does not inflate", thrown);
  }
  if (size !== head.size) throw brokenPack("an object does not inflate to its declared size");
  return { oid: hash.digest("hex"), end: head.dataAt + inflating.bytesWritten };
}

function objectHash(type: ObjectType, size: number): Hash {
  return createHash("sha1").update(`${type} ${size}\0`);
}

/** The name of an object: the SHA-1 of its type, size and content. */
export function objectName(type: ObjectType, data: Buffer): string {
  return objectHash(type, data.length).update(data).digest("hex");
}

const hashedAtOnce = 1024 ** 2;

/** The same in steps, for objects that may be large. */
export function* namingSteps(type: ObjectType, data: Buffer): Generator<void, string> {
  const hash = objectHash(type, data.length);
  for (let at = 0; at < data.length; at += hashedAtOnce) {
    if (at > 0) yield;
    hash.update(data.subarray(at, at + hashedAtOnce));
  }
  return hash.digest("hex");
}
