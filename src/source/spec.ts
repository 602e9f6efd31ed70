import type { Verification } from "./git/signature/verify.ts";

/**
 * What to follow in a repository. Where several are given the most exact one decides, as in Flux: `commit`, then
 * `name`, `semver`, `tag`, `branch`, `short`. None at all is the default branch.
 */
export interface SourceRef {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** A range; the highest tag that is in it. */
  readonly semver?: string | undefined;
  /** 40 hex digits. */
  readonly commit?: string | undefined;
  /** A full reference name: `refs/pull/7/head`. */
  readonly name?: string | undefined;
  /** A name as `git fetch` takes it: of a tag, or of a branch where there is no such tag. */
  readonly short?: string | undefined;
}

/** A repository and what to follow in it, as an Environment's `spec.source` says. */
export interface SourceSpec {
  /** `https://`, `http://`, `ssh://` or `user@host:path`. */
  readonly url: string;
  readonly ref?: SourceRef | undefined;
  /** Files to leave out, in `.gitignore` syntax. */
  readonly ignore?: string | undefined;
  /** Whether submodules are fetched as well; where not, they are empty folders. */
  readonly recurseSubmodules?: boolean | undefined;
  /** What must be signed, and by whom; nothing where none is given. */
  readonly verify?: Verification | undefined;
}
