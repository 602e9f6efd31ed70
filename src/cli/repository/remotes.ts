import type { FileTree } from "../../model/file-tree.ts";
import type { Remotes } from "../../model/remote.ts";
import { isResources } from "../../render/index.ts";
import {
  anonymous,
  createGatherer,
  createSourcePool,
  type Endpoint,
  endpointOf,
  type Gathered,
  type Network,
  ownMachine,
  type RemoteSearch,
  readNamedHost,
  type SourcePool,
} from "../../source/index.ts";
import type { Context, Flags, FlagValues } from "../command/command.ts";
import { programVersion } from "../version.ts";

/** The flags of commands that render. */
export const remoteFlags = {
  "no-remote-bases": {
    type: "boolean",
    summary: "Refuse remote bases and files",
  },
  "remote-host": {
    type: "list",
    value: "HOST[:PORT]",
    summary: "Host that remote bases and files may come from: a name, *.NAME, an address, or * for all public hosts",
  },
} as const satisfies Flags;

/** What was said of what is elsewhere. */
export type RemoteFlags = FlagValues<typeof remoteFlags>;

/** How a command fetches what kustomizations name elsewhere. */
export interface RemoteAccess {
  readonly allowed: boolean;
  /** What to do where it is not. */
  readonly hint?: string | undefined;
  readonly network: Network;
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

/**
 * What may be reached from a person's machine. For files of his own (`unnamed: public`) all that is public; for those of an
 * Environment what its agent would reach, as far as the flags say the same as the agent's.
 */
export function networkHere(flags: RemoteFlags, unnamed: Network["unnamed"]): Network {
  return { ...ownMachine, named: flags["remote-host"].map(readNamedHost), unnamed };
}

/** What an agent may reach: in a cluster neither its own Pod nor the API server. */
export function networkOfAgent(flags: RemoteFlags, env: Context["env"], server: string): Network {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const inCluster: readonly Endpoint[] =
    host === undefined ? [] : [443, Number(port ?? 443)].map((each) => ({ host, port: each }));
  return {
    named: flags["remote-host"].map(readNamedHost),
    apiServers: [endpointOf(new URL(server)), ...inCluster],
    near: host === undefined ? "loopback" : "private",
    unnamed: "none",
  };
}

/** Opens the way to what is elsewhere: anonymously, or as one reaches an Environment's repository where it is `home`. */
export function reachRemotes(
  { allowed, hint, network, onAsk }: RemoteAccess,
  home = nobody,
  pool?: SourcePool,
): RemoteReach {
  const userAgent = `mooring/${programVersion}`;
  const used = pool ?? createSourcePool({ userAgent, network });
  const ears = onAsk === undefined ? {} : { onAsk };
  const gatherer = createGatherer(used, { userAgent, home, allowed, hint, network, ...ears });
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
