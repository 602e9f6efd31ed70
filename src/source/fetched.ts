import type { FileTree } from "../model/file-tree.ts";
import type { Revision } from "../model/revision.ts";
import type { CommitInfo } from "./git/objects/commit.ts";
import type { DiskRoom } from "./git/packs/disk-room.ts";
import type { RawRevision } from "./git/signature/verify.ts";
import type { Network } from "./reach/reach.ts";

/** One revision of a repository. */
export interface Fetched {
  readonly revision: Revision;
  /** Read lazily. It stays readable for long after the reference has moved on, not for ever. */
  readonly tree: FileTree;
  readonly commit: CommitInfo;
  /**
   * The commit that the reference named before, where it is not among the hundred before this one: it was force-pushed.
   * Unknown where the server cannot send commits without files.
   */
  readonly rewrittenFrom?: string;
  /** What signatures are checked on. */
  readonly raw: RawRevision;
}

/** How sources behave. */
export interface SourceOptions {
  /** A directory for what was fetched; the system's directory for temporary files where none is given. */
  readonly cacheDir?: string | undefined;
  /** The disk that all repositories share; as much as there is where none is given. */
  readonly room?: DiskRoom | undefined;
  readonly userAgent: string;
  /** The limit of one fetch in milliseconds, all its requests together; a minute where none is given. */
  readonly timeoutMs?: number | undefined;
  /** What may be reached; as on a person's machine where none is given. */
  readonly network?: Network | undefined;
}
