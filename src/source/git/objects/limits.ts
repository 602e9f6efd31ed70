import { Failure } from "../../../model/failure.ts";

/** What one fetch may cost, so that a hostile or mistaken repository costs no more. */
export interface FetchLimits {
  /** Bytes on the wire and on disk. */
  readonly packBytes: number;
  readonly objects: number;
  /** Bytes of all objects, inflated. */
  readonly inflatedBytes: number;
  /** Bytes of one object that has to be held in memory: a tree, a file that is read, the base of a delta. */
  readonly objectBytes: number;
  /** Bytes of one folder's list of names. */
  readonly folderBytes: number;
  /** Bytes of one commit or tag, its message and signature included. */
  readonly commitBytes: number;
  /** Files of the revision, counted as a checkout would make them. */
  readonly files: number;
}

/** Far beyond any environment repository, and far below what hurts. */
export const defaultLimits: FetchLimits = {
  packBytes: 1024 ** 3,
  objects: 400_000,
  inflatedBytes: 2 * 1024 ** 3,
  objectBytes: 64 * 1024 ** 2,
  folderBytes: 4 * 1024 ** 2,
  commitBytes: 1024 ** 2,
  files: 400_000,
};

/** The failure of a repository that is larger than a limit. */
export function tooLarge(what: string, limit: number): Failure {
  return new Failure("InputTooLarge", {
    message: `the repository has more than ${limit} ${what}`,
    hint: "an environment repository holds manifests; keep large files elsewhere",
  });
}
