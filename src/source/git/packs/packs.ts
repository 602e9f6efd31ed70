import { whenOver } from "../../../model/async/heard-elsewhere.ts";
import { Failure } from "../../../model/failure.ts";
import { parseCommit } from "../objects/commit.ts";
import type { FetchLimits } from "../objects/limits.ts";
import { type IndexedPack, type ObjectStore, objectStore } from "../objects/object-store.ts";
import { type Surveyed, surveyTree } from "../objects/survey.ts";
import type { RequestPack } from "../wire/pack-requester.ts";
import type { PackPlace } from "./disk-room.ts";
import { writePackFile } from "./pack-file.ts";
import { indexPack } from "./pack-index.ts";

/** A commit, and the object to request for it: the commit itself, or the annotated tag before it. */
export interface CommitRequest {
  readonly commit: string;
  readonly want: string;
}

/** Objects that were fetched, complete for every commit among them. */
export interface FetchedObjects extends ObjectStore {
  /** False once they have made way for newer ones and cannot be read any more. */
  readonly isOpen: () => boolean;
}

/** The objects of one repository, as far as they were wanted. */
export interface Packs {
  /** Objects with the wanted commit among them; requests them only where it is not here yet. */
  readonly obtain: (wanted: CommitRequest, signal: AbortSignal) => Promise<FetchedObjects>;
  readonly close: () => Promise<void>;
}

/** How packs are kept. */
export interface PacksOptions {
  readonly place: PackPlace;
  readonly limits: FetchLimits;
}

/** Packs that follow one another: each holds what the ones before it do not. */
interface Generation {
  readonly packs: IndexedPack[];
  readonly commits: string[];
  readonly surveyed: Surveyed;
  readonly objects: FetchedObjects;
  readonly close: () => Promise<void>;
}

const maxPacks = 16;
/** What later packs may add to the first before a new first one is cheaper. */
const spareBytes = 16 * 1024 ** 2;

/**
 * Keeps what was fetched, so that the next fetch brings only what is new. Two generations are open at a time: the one
 * that grows, and the one before it for those who still read. So the disk holds a small multiple of the repository.
 */
export function keepPacks(requestPack: RequestPack, options: PacksOptions): Packs {
  let current: Generation | undefined;
  let previous: Generation | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const extend = async (generation: Generation, wanted: CommitRequest, signal: AbortSignal): Promise<void> => {
    const pieces = requestPack(
      { want: wanted.want, haves: generation.commits.slice(-maxPacks), depth: 1, commitsOnly: false },
      signal,
    );
    const pack = await writePackFile(pieces, options.place, options.limits.packBytes);
    generation.packs.push({ pack, index: await indexPack(pack, options.limits, signal).catch(closing(pack)) });
    const { objects, surveyed } = generation;
    const { tree } = parseCommit(await objects.read(wanted.commit, "commit"));
    await surveyTree(tree, objects, options.limits, surveyed);
    generation.commits.push(wanted.commit);
  };

  const renew = async (wanted: CommitRequest, signal: AbortSignal): Promise<Generation> => {
    const fresh = newGeneration(options.limits);
    await extend(fresh, wanted, signal).catch(closing(fresh));
    // After a failure there is no current one, and the previous one is still read.
    if (current !== undefined) {
      await previous?.close();
      previous = current;
    }
    current = fresh;
    return fresh;
  };

  const obtain = async (wanted: CommitRequest, signal: AbortSignal): Promise<FetchedObjects> => {
    signal.throwIfAborted();
    if (current !== undefined && holds(current, wanted)) return current.objects;
    if (current === undefined || isOvergrown(current)) return (await renew(wanted, signal)).objects;
    try {
      await extend(current, wanted, signal);
    } catch (thrown) {
      // Whatever is wrong with it, the next fetch must not build on it.
      await previous?.close();
      previous = current;
      current = undefined;
      throw thrown;
    }
    return current.objects;
  };

  return {
    obtain(wanted, signal) {
      const result = last.then(() => obtain(wanted, signal));
      last = whenOver(result);
      return result;
    },
    async close() {
      await last;
      await current?.close();
      await previous?.close();
    },
  };
}

function newGeneration(limits: FetchLimits): Generation {
  const packs: IndexedPack[] = [];
  const { typeOf, read } = objectStore(packs, limits);
  let open = true;
  const readWhileOpen: ObjectStore["read"] = async (oid, type) => {
    if (!open) throw new Failure("SourceUnreachable", { message: "the revision was evicted for newer ones" });
    return read(oid, type);
  };
  return {
    packs,
    commits: [],
    surveyed: new Map(),
    objects: { typeOf, read: readWhileOpen, isOpen: () => open },
    async close() {
      open = false;
      await Promise.all(packs.map(({ pack }) => pack.close()));
    },
  };
}

function holds({ commits, objects }: Generation, { commit, want }: CommitRequest): boolean {
  return commits.includes(commit) && objects.typeOf(want) !== undefined;
}

function isOvergrown({ packs }: Generation): boolean {
  const [first = 0, ...later] = packs.map(({ pack }) => pack.size);
  return packs.length >= maxPacks || later.reduce((sum, size) => sum + size, 0) > first + spareBytes;
}

/** Closes what was opened, and lets the failure pass. */
function closing(opened: { readonly close: () => Promise<void> }): (thrown: unknown) => Promise<never> {
  return async (thrown) => {
    await opened.close();
    throw thrown;
  };
}
