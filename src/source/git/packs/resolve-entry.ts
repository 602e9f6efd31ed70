import { inSlices } from "../../../clock/index.ts";
import { type FetchLimits, tooLarge } from "../objects/limits.ts";
import { brokenPack } from "./broken-pack.ts";
import { deltaSteps } from "./delta.ts";
import { type EntryHead, inflateEntry, type ObjectType, readHead } from "./pack-entry.ts";
import type { PackFile } from "./pack-file.ts";

/** An object as it is, all deltas applied. */
export interface GitObject {
  readonly type: ObjectType;
  readonly data: Buffer;
}

/** Where objects are looked up that deltas build on. */
export interface DeltaBases {
  /** The offset in the same pack of an object that a delta names; undefined where it is not there (yet). */
  readonly offsetOf: (oid: string) => number | undefined;
  /** Objects that are at hand already, by offset. */
  readonly cached: (offset: number) => GitObject | undefined;
  /** Called with every byte made on the way; throws over budget. */
  readonly spend: (bytes: number) => void;
}

/** git makes chains of up to 50, `gc --aggressive` once made 250. */
const maxChain = 512;

/**
 * The object at an offset, or undefined where the base of its delta is not known yet. Throws `Failure`:
 * SourceInvalid where it is broken, InputTooLarge where it is larger than `limits.objectBytes`.
 */
export async function resolveEntry(
  pack: PackFile,
  offset: number,
  bases: DeltaBases,
  limits: FetchLimits,
): Promise<GitObject | undefined> {
  const deltas: Buffer[] = [];
  for (let at: number | undefined = offset; at !== undefined; ) {
    const known = bases.cached(at);
    if (known !== undefined) return applyAll(known, deltas, bases, limits);
    const head: EntryHead = await readHead(pack, at);
    if (head.size > limits.objectBytes) throw tooLarge("bytes in one file or folder", limits.objectBytes);
    bases.spend(head.size);
    const { data } = await inflateEntry(pack, head);
    if (head.type !== undefined) return applyAll({ type: head.type, data }, deltas, bases, limits);
    if (deltas.push(data) > maxChain) throw brokenPack(`a chain of more than ${maxChain} deltas`);
    at = typeof head.base === "string" ? bases.offsetOf(head.base) : head.base;
  }
  return undefined;
}

async function applyAll(
  base: GitObject,
  deltas: readonly Buffer[],
  { spend }: DeltaBases,
  { objectBytes: limit }: FetchLimits,
): Promise<GitObject> {
  let { data } = base;
  for (const delta of deltas.toReversed()) data = await inSlices(deltaSteps({ base: data, delta, limit, spend }));
  return { type: base.type, data };
}
