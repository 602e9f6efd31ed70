/** What stands at a path of a tree. `oid` identifies the content where the tree knows it (a Git object id). */
export interface TreeEntry {
  readonly kind: "file" | "directory" | "symlink";
  readonly oid?: string;
  /** Bytes; absent for directories and where it is not known without reading. */
  readonly size?: number;
}

/**
 * The files of one revision, read lazily. Paths are relative to the root, with `/`, without a leading `./` or a
 * trailing `/`; the root itself is the empty string. Nothing outside the root can be named.
 */
export interface FileTree {
  /** Names all that is in it, where that is known: two trees of one id hold the same. */
  readonly id?: string;
  /** The entry at a path, or undefined where there is none. Symbolic links are not followed. */
  entry(path: string): Promise<TreeEntry | undefined>;
  /** The bytes of a file, or the target of a symbolic link. Throws `Failure` (PathNotFound) where there is none. */
  read(path: string): Promise<Uint8Array>;
  /** The names in a directory, sorted by code unit. Throws `Failure` (PathNotFound) where there is none. */
  list(path: string): Promise<readonly string[]>;
}
