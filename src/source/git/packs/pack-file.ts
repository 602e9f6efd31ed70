import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../model/failure.ts";
import { tooLarge } from "../objects/limits.ts";
import { brokenPack } from "./broken-pack.ts";
import { type PackPlace, unlimitedRoom } from "./disk-room.ts";

/** The bytes of a pack, on disk. The file has no name any more: it is gone when closed, or when the process ends. */
export interface PackFile {
  /** The bytes from an offset on: as many as requested, fewer only where the pack ends. Valid until the next call. */
  readonly view: (offset: number, length: number) => Promise<Buffer>;
  /** The same, read in pieces on demand. */
  readonly stream: (offset: number) => AsyncIterable<Buffer>;
  /** Without the checksum at the end. */
  readonly size: number;
  readonly close: () => Promise<void>;
}

const checksumBytes = 20;
const windowBytes = 256 * 1024;

/**
 * Writes a pack to disk as it arrives, and checks it against its checksum. Holds no more than a piece of it in memory.
 * Throws `Failure`: InputTooLarge beyond `limit` bytes, SourceInvalid where it is damaged, SourceUnreachable where the disk or
 * the room on it is full.
 */
export async function writePackFile(
  pieces: AsyncIterable<Uint8Array>,
  place: PackPlace | undefined,
  limit: number,
): Promise<PackFile> {
  const { cacheDir, room } = place ?? { cacheDir: undefined, room: unlimitedRoom };
  const name = join(cacheDir ?? tmpdir(), `mooring-${process.pid}-${randomUUID()}.pack`);
  const file = await onDisk(open(name, "wx+", 0o600));
  let taken = 0;
  const take = (bytes: number): void => {
    room.take(bytes);
    taken += bytes;
  };
  const close = async (): Promise<void> => {
    room.give(taken);
    taken = 0;
    await file.close();
  };
  try {
    await unlink(name);
    const total = await writeChecked(taking(pieces, take), file, limit);
    return packFile(file, total - checksumBytes, close);
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function* taking(pieces: AsyncIterable<Uint8Array>, take: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    take(piece.length);
    yield piece;
  }
}

async function writeChecked(pieces: AsyncIterable<Uint8Array>, file: FileHandle, limit: number): Promise<number> {
  const hash = createHash("sha1");
  let tail: Buffer = Buffer.alloc(0);
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > limit) throw tooLarge("bytes in its pack", limit);
    await onDisk(file.writeFile(piece));
    // The last twenty bytes are the checksum; which are the last is known at the end.
    const fresh = piece.length >= checksumBytes ? piece : Buffer.concat([tail, piece]);
    if (fresh === piece) hash.update(tail);
    const boundary = Math.max(0, fresh.length - checksumBytes);
    hash.update(fresh.subarray(0, boundary));
    tail = Buffer.from(fresh.subarray(boundary));
  }
  if (tail.length < checksumBytes) throw brokenPack("it ends too early");
  if (!hash.digest().equals(tail)) throw brokenPack("its checksum does not match");
  return total;
}

/** A full disk is not the server's fault, and must not read like it. */
async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const problem = {
      message: `cannot keep what was fetched: ${reason}`,
      hint: "check the cache directory and its room",
    };
    throw new Failure("SourceUnreachable", problem, { cause: thrown });
  }
}

function packFile(file: FileHandle, size: number, close: () => Promise<void>): PackFile {
  let window: { readonly start: number; readonly bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };

  const read = async (offset: number, length: number): Promise<Buffer> => {
    const wanted = Math.max(0, Math.min(length, size - offset));
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
  return {
    size,
    async view(offset, length) {
      const from = offset - window.start;
      const to = Math.min(from + length, size - window.start);
      if (from >= 0 && to <= window.bytes.length) return window.bytes.subarray(from, to);
      const loaded = { start: offset, bytes: await read(offset, Math.max(length, windowBytes)) };
      window = loaded;
      return loaded.bytes.subarray(0, length);
    },
    async *stream(offset) {
      for (let at = offset; at < size; at += windowBytes) yield await read(at, windowBytes);
    },
    close,
  };
}
