import { Failure } from "../../../model/failure.ts";
import { brokenPack } from "../packs/broken-pack.ts";
import type { ObjectType } from "../packs/pack-entry.ts";
import type { PackFile } from "../packs/pack-file.ts";
import type { Located, PackIndex } from "../packs/pack-index.ts";
import { resolveEntry } from "../packs/resolve-entry.ts";
import { type FetchLimits, tooLarge } from "./limits.ts";

/** A pack and what is where in it. */
export interface IndexedPack {
  readonly pack: PackFile;
  readonly index: PackIndex;
}

/** Git objects by name, from one or more packs. */
export interface ObjectStore {
  /** The type of an object; undefined where it is not here. */
  readonly typeOf: (oid: string) => ObjectType | undefined;
  /** The content of an object. Throws `Failure`: SourceInvalid where it is absent or of another type. */
  readonly read: (oid: string, type: ObjectType) => Promise<Buffer>;
}

/** What one object may take to be made, as a multiple of what it may be large: chains of deltas make it many times over. */
const workFactor = 8;

function spending({ objectBytes }: FetchLimits): (bytes: number) => void {
  let left = workFactor * objectBytes;
  return (bytes) => {
    left -= bytes;
    if (left < 0) throw tooLarge("bytes in the deltas of one file or folder", workFactor * objectBytes);
  };
}

/** A store over packs; the list may grow, never shrink. */
export function objectStore(packs: readonly IndexedPack[], limits: FetchLimits): ObjectStore {
  const find = (oid: string): { found: Located; from: IndexedPack } | undefined => {
    for (const from of packs) {
      const found = from.index.get(oid);
      if (found !== undefined) return { found, from };
    }
    return undefined;
  };
  return {
    typeOf: (oid) => find(oid)?.found.type,
    async read(oid, type) {
      const { found, from } = find(oid) ?? {};
      if (found === undefined || from === undefined) throw brokenPack(`${type} ${oid} is missing`);
      if (found.type !== type) throw brokenPack(`${oid} is a ${found.type}, not a ${type}`);
      const bases = {
        offsetOf: (base: string) => from.index.get(base)?.offset,
        cached: () => undefined,
        spend: spending(limits),
      };
      const object = await resolveEntry(from.pack, found.offset, bases, limits);
      if (object === undefined) throw new Failure("Bug", { message: `object ${oid} was indexed without its base` });
      return object.data;
    },
  };
}
