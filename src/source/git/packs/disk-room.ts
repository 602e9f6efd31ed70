import { Failure } from "../../../model/failure.ts";

/** The disk that all repositories share. */
export interface DiskRoom {
  /** Throws `Failure` (SourceUnreachable) where there is no room for so many more bytes. */
  readonly take: (bytes: number) => void;
  readonly give: (bytes: number) => void;
}

/** Where packs are kept. */
export interface PackPlace {
  /** The system's directory for temporary files where none is given. */
  readonly cacheDir: string | undefined;
  readonly room: DiskRoom;
}

/**
 * Room for so many bytes. Beyond it a fetch fails and is retried; a Pod that filled its volume would be evicted, with
 * every Environment.
 */
export function diskRoom(limit: number): DiskRoom {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > limit) {
        throw new Failure("SourceUnreachable", {
          message: `cannot keep what was fetched: all repositories together have more than ${Math.floor(limit / 1024 ** 2)} MiB`,
          hint: "keep large files out of the repositories, or spread the Environments over several agents",
        });
      }
      taken += bytes;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

/** For a program that is there for one command, and whose disk is its user's. */
export const unlimitedRoom: DiskRoom = diskRoom(Number.POSITIVE_INFINITY);
