import type { FileTree } from "../model/file-tree.ts";
import type { Remotes } from "../model/remote.ts";
import { isResources } from "../render/index.ts";
import {
  anonymous,
  createGatherer,
  createSourcePool,
  type Gathered,
  type RemoteSearch,
  type SourcePool,
} from "../source/index.ts";
import type { Flags } from "./command.ts";
import { programVersion } from "./version.ts";

/** The flag of commands that render. */
export const remoteFlags = {
  "no-remote-bases": {
    type: "boolean",
    summary: "Refuse what kustomizations take from other repositories and from URLs",
  },
} as const satisfies Flags;

/** How a command fetches what kustomizations name elsewhere. */
export interface RemoteAccess {
  readonly allowed: boolean;
  /** Told what is fetched, without credentials in it. */
  readonly onAsk?: (url: string) => void;
}

/** Reaches other repositories until it is disposed; what it gathered cannot be read after that. */
export interface RemoteReach extends AsyncDisposable {
  /** The tree with all that is named elsewhere, each reference asked for once. Throws as `Gatherer.gather` does. */
  gather(tree: FileTree, find: RemoteSearch["find"], signal: AbortSignal): Promise<Gathered>;
}

/** Someone at a terminal has no credentials for other hosts. */
const nobody = { url: "https://nowhere.invalid/", credentials: anonymous };

/** Opens the way to what is elsewhere: anonymously, or as one reaches an Environment's repository where it is `home`. */
export function reachRemotes({ allowed, onAsk }: RemoteAccess, home = nobody, pool?: SourcePool): RemoteReach {
  const userAgent = `mooring/${programVersion}`;
  const used = pool ?? createSourcePool({ userAgent });
  const gatherer = createGatherer(used, { userAgent, home, allowed, ...(onAsk === undefined ? {} : { onAsk }) });
  return {
    gather: (tree, find, signal) => gatherer.gather(tree, { find, isResources }, Number.POSITIVE_INFINITY, signal),
    async [Symbol.asyncDispose]() {
      await gatherer.close();
      if (pool === undefined) await used.close();
    },
  };
}

/** What was gathered for several trees, by one reach: no reference means two things. */
export function allRemotes(gathered: readonly Gathered[]): Remotes {
  return new Map(gathered.flatMap(({ remotes }) => [...remotes]));
}
