/** A repository elsewhere, and the folder in it that a kustomization names. */
export interface RemoteRepository {
  /** As git takes it: `https://host/org/repo`, `ssh://…` or `user@host:org/repo`. May hold credentials: never printed. */
  readonly url: string;
  /** A branch, a tag, a full reference name or a commit; empty for the default branch. */
  readonly ref: string;
  readonly submodules: boolean;
  /** The folder, from the root of the repository; empty for the root. */
  readonly path: string;
}

/** What a place in a kustomization takes: a file, a folder with a kustomization, or either. */
export type RemoteRole = "file" | "folder" | "any";

/** Something elsewhere that a kustomization names. */
export interface RemoteReference {
  /** As it is written. May hold credentials: never printed. */
  readonly text: string;
  readonly role: RemoteRole;
  /** It may be a file to get over HTTP. */
  readonly isUrl: boolean;
  /** The repository that it may be. */
  readonly repository: RemoteRepository | undefined;
  /** Where it is written. */
  readonly place: {
    readonly file: string;
    readonly line?: number;
    readonly column?: number;
    readonly field: string;
    readonly chain: readonly string[];
  };
}

/** Where in a tree something is that was fetched from elsewhere. */
export interface RemoteTarget {
  /** The root of its repository, which nothing in it leads out of; of a file, the file. */
  readonly repository: string;
  readonly path: string;
}

/** What was fetched from elsewhere, by `remoteKey`. */
export type Remotes = ReadonlyMap<string, RemoteTarget>;

/** Under what a reference stands in `Remotes`: the same text may be a file in one place and a folder in another. */
export function remoteKey({ text, role }: Pick<RemoteReference, "text" | "role">): string {
  return `${role} ${text}`;
}

/** A URL without what may be secret in it: user, password, and all of the query but the reference. For messages. */
export function shownUrl(text: string): string {
  const [address = "", query = ""] = text.split(/\?(.*)/s);
  const ref = new URLSearchParams(query).get("ref");
  const bare = address.replace(/(?<=:\/\/)[^/@]*@/, "");
  return ref === null ? bare : `${bare}?ref=${ref}`;
}
