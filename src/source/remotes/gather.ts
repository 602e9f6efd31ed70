import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type RemoteReference, type Remotes, type RemoteTarget, remoteKey, shownUrl } from "../../model/remote.ts";
import type { Home } from "../credentials/credentials-for.ts";
import type { SourcePool } from "../pool.ts";
import { type Network, ownMachine } from "../reach/reach.ts";
import { mountPoint } from "./mount-point.ts";
import { withMounts } from "./mounts.ts";
import { RemoteCache, type Round } from "./remote-cache.ts";
import { allOrFailure } from "./remote-failures.ts";
import { createRemoteResolver, isMoving, type RemoteResolver } from "./resolve-remote.ts";

/** Finds what a build takes from elsewhere; `render` implements it. */
export interface RemoteSearch {
  /** What the tree names elsewhere, that in `remotes` and what that names included. */
  readonly find: (tree: FileTree, remotes: Remotes) => Promise<readonly RemoteReference[]>;
  /** Whether a file's content is what kustomizations take as resources. */
  readonly isResources: (content: Uint8Array) => boolean | Promise<boolean>;
}

/** A tree with all that a build of it reads. */
export interface Gathered {
  readonly tree: FileTree;
  readonly remotes: Remotes;
  /** A digest of what the references that can move name now: branches, tags, files. Undefined where there are none. */
  readonly bases: string | undefined;
  /** Why something could not be resolved anew; what it resolved to before stands in. */
  readonly failure: Failure | undefined;
}

/** Fetches what the kustomizations of one environment take from elsewhere. */
export interface Gatherer {
  /**
   * Adds to a tree what it names elsewhere, and what that names, until nothing is missing. What can move is resolved anew
   * when that is longer than `maxAgeMs` ago; commits never are. Throws `Failure`, with the place of every
   * reference that is refused or cannot be fetched: KustomizationInvalid, InputTooLarge, and as fetching a source does.
   */
  gather(tree: FileTree, search: RemoteSearch, maxAgeMs: number, signal: AbortSignal): Promise<Gathered>;
  close(): Promise<void>;
}

/** What is fetched with. */
export interface GathererOptions {
  readonly userAgent: string;
  /** What the environment's own repository is reached with; other hosts get none of it. */
  readonly home: Home;
  /** False: whatever is named elsewhere is refused. */
  readonly allowed: boolean;
  /** What to do about that; to copy it into the repository where nothing is given. */
  readonly hint?: string | undefined;
  /** From where something may be taken; as on a person's machine where none is given. */
  readonly network?: Network | undefined;
  /** Gets the URL, without credentials, of what is fetched next. */
  readonly onAsk?: (url: string) => void;
}

const maxReferences = 100;

/** Fetches nothing yet; remembers what references resolved to until it is closed. */
export function createGatherer(pool: SourcePool, options: GathererOptions): Gatherer {
  const cache = new RemoteCache(options.onAsk);
  let resolver: RemoteResolver | undefined;

  return {
    async gather(tree, search, maxAgeMs, signal) {
      const { userAgent, home, network = ownMachine } = options;
      resolver ??= createRemoteResolver(pool, home, { userAgent, network, isResources: search.isResources });
      const round: Round = { resolver, maxAgeMs, signal, failures: [] };
      const remotes = new Map<string, RemoteTarget>();
      const mounts = new Map<string, FileTree>();
      const moving: string[] = [];
      for (;;) {
        const found = await search.find(withMounts(tree, mounts), remotes);
        const missing = found.filter((reference) => !remotes.has(remoteKey(reference)));
        if (missing.length === 0) break;
        refuse(missing, found.length, options.allowed ? resolver.refusal : () => notAllowed, options.hint);
        for (const { reference, resolved, opened } of await openAll(missing, cache, round)) {
          const target = mountPoint(resolved);
          mounts.set(target.repository, opened);
          remotes.set(remoteKey(reference), target);
          if (isMoving(resolved)) moving.push(`${remoteKey(reference)} ${target.repository}`);
        }
      }
      cache.retain(new Set(remotes.keys()));
      const [failure] = round.failures;
      return { tree: withMounts(tree, mounts), remotes, bases: digestOf(moving), failure };
    },
    async close() {
      await resolver?.close();
    },
  };
}

function openAll(references: readonly RemoteReference[], cache: RemoteCache, round: Round) {
  return allOrFailure(references, async (reference) => {
    const resolved = await cache.resolve(reference, round);
    return { reference, resolved, opened: await round.resolver.open(resolved, round.signal) };
  });
}

const notAllowed = "remote bases are not allowed here";

function refuse(
  missing: readonly RemoteReference[],
  count: number,
  refusal: RemoteResolver["refusal"],
  notAllowedHint = "copy it into the repository, so that a commit says exactly what is deployed",
): void {
  const problems = missing.flatMap((reference) => {
    const why = refusal(reference);
    if (why === undefined) return [];
    const message = `${shownUrl(reference.text)} is not in the repository, and ${why}`;
    const named = "copy it into the repository, or have the host named with --remote-host";
    const hint = why === notAllowed ? notAllowedHint : named;
    return [{ ...reference.place, message, hint }];
  });
  if (problems.length > 0) throw new Failure("KustomizationInvalid", problems);
  if (count <= maxReferences) return;
  throw new Failure("InputTooLarge", {
    message: `the kustomizations take more than ${maxReferences} things from elsewhere`,
  });
}

function digestOf(moving: readonly string[]): string | undefined {
  if (moving.length === 0) return undefined;
  return createHash("sha256").update(moving.toSorted().join("\n")).digest("hex").slice(0, 12);
}
