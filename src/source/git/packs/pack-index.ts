import { setImmediate } from "node:timers/promises";
import { inSlices } from "../../../clock/index.ts";
import { type FetchLimits, tooLarge } from "../objects/limits.ts";
import { brokenPack } from "./broken-pack.ts";
import { type ObjectCache, objectCache } from "./object-cache.ts";
import { hashLargeEntry, inflateEntry, namingSteps, type ObjectType, readHead } from "./pack-entry.ts";
import type { PackFile } from "./pack-file.ts";
import { type GitObject, resolveEntry } from "./resolve-entry.ts";

/** Where an object is in its pack, and what it is. */
export interface Located {
  readonly offset: number;
  readonly type: ObjectType;
}

/** The objects of a pack, by name. */
export type PackIndex = ReadonlyMap<string, Located>;

const headerBytes = 12;
const cacheBytes = 8 * 1024 ** 2;
/** Undeltified objects beyond this are hashed in pieces. */
const largeBytes = 256 * 1024;
/** Between two yields to the event loop. */
const burstMs = 10;

interface Scan {
  readonly pack: PackFile;
  readonly limits: FetchLimits;
  readonly index: Map<string, Located>;
  readonly cache: ObjectCache;
  inflated: number;
}

/**
 * Names every object of a pack by its content, so that what is in the pack is what its name says. Inflates each object
 * once and holds a few of them at a time; yields to the event loop often.
 * Throws `Failure`: SourceInvalid where the pack is broken, InputTooLarge beyond a limit, and the signal's reason.
 */
export async function indexPack(pack: PackFile, limits: FetchLimits, signal: AbortSignal): Promise<PackIndex> {
  const scan: Scan = { pack, limits, index: new Map(), cache: objectCache(cacheBytes), inflated: 0 };
  const pause = pauses(signal);
  let waiting: number[] = [];
  let offset = headerBytes;
  for (let left = await objectCount(pack, limits); left > 0; left--) {
    const { end, named } = await scanEntry(scan, offset);
    if (!named) waiting.push(offset);
    offset = end;
    await pause();
  }
  if (offset !== pack.size) throw brokenPack("it holds more than its objects");
  for (let before = waiting.length + 1; waiting.length > 0; before = waiting.length, await pause()) {
    if (waiting.length === before) throw brokenPack("a delta has no base");
    waiting = await stillWaiting(scan, waiting);
  }
  return scan.index;
}

async function objectCount(pack: PackFile, limits: FetchLimits): Promise<number> {
  const header = await pack.view(0, headerBytes);
  if (header.length < headerBytes || header.toString("latin1", 0, 4) !== "PACK") throw brokenPack("it is not a pack");
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw brokenPack(`its version is ${version}`);
  const count = header.readUInt32BE(8);
  if (count > limits.objects) throw tooLarge("objects", limits.objects);
  return count;
}

/** Passes over one entry; `named` is false where it is a delta whose base comes later. */
async function scanEntry(scan: Scan, offset: number): Promise<{ end: number; named: boolean }> {
  const { pack } = scan;
  const head = await readHead(pack, offset);
  spend(scan, head.size);
  if (head.type !== undefined) checkSize(scan, head.type, head.size);
  if (head.type !== undefined && head.size > largeBytes) {
    const { oid, end } = await hashLargeEntry(pack, head);
    scan.index.set(oid, { offset, type: head.type });
    return { end, named: true };
  }
  const { objectBytes } = scan.limits;
  if (head.type === undefined && head.size > objectBytes) throw tooLarge("bytes in one delta", objectBytes);
  const { data, end } = await inflateEntry(pack, head);
  if (head.type !== undefined) {
    await name(scan, offset, { type: head.type, data });
    return { end, named: true };
  }
  return { end, named: await resolve(scan, offset) };
}

async function resolve(scan: Scan, offset: number): Promise<boolean> {
  const bases = {
    offsetOf: (oid: string) => scan.index.get(oid)?.offset,
    cached: scan.cache.get,
    spend: (bytes: number) => spend(scan, bytes),
  };
  const object = await resolveEntry(scan.pack, offset, bases, scan.limits);
  if (object === undefined) return false;
  await name(scan, offset, object);
  return true;
}

async function stillWaiting(scan: Scan, waiting: readonly number[]): Promise<number[]> {
  const unresolved: number[] = [];
  for (const offset of waiting) if (!(await resolve(scan, offset))) unresolved.push(offset);
  return unresolved;
}

async function name(scan: Scan, offset: number, object: GitObject): Promise<void> {
  checkSize(scan, object.type, object.data.length);
  scan.index.set(await inSlices(namingSteps(object.type, object.data)), { offset, type: object.type });
  scan.cache.set(offset, object);
}

function checkSize({ limits }: Scan, type: ObjectType, size: number): void {
  if (type === "tree" && size > limits.folderBytes) throw tooLarge("bytes in one folder", limits.folderBytes);
  if (type === "commit" || type === "tag") {
    if (size > limits.commitBytes) throw tooLarge("bytes in one commit or tag", limits.commitBytes);
  }
}

function spend(scan: Scan, bytes: number): void {
  scan.inflated += bytes;
  if (scan.inflated > scan.limits.inflatedBytes) throw tooLarge("bytes when unpacked", scan.limits.inflatedBytes);
}

function pauses(signal: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < burstMs) return;
    await setImmediate();
    signal.throwIfAborted();
    since = performance.now();
  };
}
