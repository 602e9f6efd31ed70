import { reportBug } from "../../../clock/index.ts";
import { untilAborted } from "../../../model/async/until-aborted.ts";
import type { Failure } from "../../../model/failure.ts";
import {
  type Credentials,
  createGatherer,
  type Fetched,
  type Gathered,
  type Gatherer,
  type Network,
  parseRepositoryUrl,
  type RemoteSearch,
  type SourcePool,
  type SourceSpec,
} from "../../../source/index.ts";
import { Poll } from "./poll.ts";

/** One Environment's view of its repository. */
export interface Subscription {
  /** The newest revision; waits for the first fetch. Throws its `Failure` while there never was a revision. */
  latest(signal: AbortSignal): Promise<Fetched>;
  /** Asks for the newest revision now, and for what it takes from elsewhere the next time, whatever the interval says. */
  refresh(signal: AbortSignal): Promise<void>;
  /** What is elsewhere is fetched the next time, whatever the interval says. */
  expire(): void;
  /**
   * A revision's files with what they take from elsewhere; what of that can move is fetched once in an interval, and
   * with every new commit. Throws as `Gatherer.gather` does.
   */
  gather(fetched: Fetched, search: Search, signal: AbortSignal): Promise<Gathered>;
  /** The newest revision, where one was ever fetched. */
  readonly known: Fetched | undefined;
  /** Why the last fetch of the repository failed; undefined when it did not. */
  readonly failure: Failure | undefined;
  /** The same of what is elsewhere, where it was fetched before. */
  readonly remoteFailure: Failure | undefined;
  /** When the last fetch of the repository that succeeded ended. */
  readonly fetchedAt: Date | undefined;
  close(): void;
}

/** How what is elsewhere is found. */
export interface Search extends RemoteSearch {
  /** Of what it is found by besides the files: of the same version, the same files name the same. */
  readonly version: string;
}

/** What an Environment follows. */
export interface Followed {
  readonly spec: SourceSpec;
  readonly credentials: Credentials;
  readonly intervalMs: number;
}

/** Asks every repository at its interval, once for all Environments that follow the same reference. */
export interface Sources {
  /** `onChange` is called with another revision than before (`moved`), and when a failure came or went. */
  subscribe(followed: Followed, onChange: (moved: boolean) => void): Subscription;
  /** Something was pushed to a repository, however its URL is written: all that follow it fetch now. */
  pushed(url: string): void;
  /** How many references are polled, of how many repositories. */
  counts(): { readonly polls: number; readonly repositories: number };
  close(): Promise<void>;
}

interface Polled {
  readonly poll: Poll;
  readonly repository: string;
  /** Lets the clone go. */
  readonly release: () => void;
}

/** How sources treat what kustomizations take from elsewhere. */
export interface SourcesOptions {
  readonly userAgent: string;
  /** False: it is refused. */
  readonly remoteBases: boolean;
  readonly network: Network;
}

/** Sources over a pool of clones, which they close. */
export function createSources(pool: SourcePool, options: SourcesOptions): Sources {
  const polls = new Map<string, Polled>();

  const pollOf = ({ spec, credentials }: Followed) => {
    const key = JSON.stringify([spec, credentials]);
    const known = polls.get(key);
    if (known !== undefined) return { key, ...known };
    // A URL that cannot be read is refused before there is anything to close.
    const repository = repositoryOf(spec.url);
    const release = pool.hold(spec, credentials);
    const poll = new Poll((signal) => pool.fetch(spec, credentials, signal));
    polls.set(key, { poll, repository, release });
    return { key, poll, repository, release };
  };

  return {
    subscribe(followed, onChange) {
      const { key, poll, release } = pollOf(followed);
      const unsubscribe = poll.join(followed.intervalMs, onChange);
      const { spec, credentials, intervalMs } = followed;
      const { userAgent, remoteBases: allowed, network } = options;
      const gatherer = createGatherer(pool, { userAgent, allowed, network, home: { url: spec.url, credentials } });
      return subscription({ poll, gatherer, intervalMs }, () => {
        unsubscribe();
        void gatherer.close();
        if (!poll.idle || polls.get(key)?.poll !== poll) return;
        polls.delete(key);
        void poll.stop().then(release);
      });
    },
    counts: () => ({ polls: polls.size, repositories: pool.size }),
    pushed(url) {
      const wanted = repositoryOf(url);
      for (const { poll, repository } of polls.values()) if (repository === wanted) poll.refresh().catch(reportBug);
    },
    async close() {
      const stopped = [...polls.values()].map(({ poll }) => poll.stop());
      polls.clear();
      await Promise.all(stopped);
      await pool.close();
    },
  };
}

interface Subscribed {
  readonly poll: Poll;
  readonly gatherer: Gatherer;
  readonly intervalMs: number;
}

function subscription({ poll, gatherer, intervalMs }: Subscribed, close: () => void): Subscription {
  let remoteFailure: Failure | undefined;
  let gatheredCommit: string | undefined;
  /** What is known to take nothing from elsewhere: most environments, which need not be searched each time. */
  let selfContained: string | undefined;
  const expire = () => {
    gatheredCommit = undefined;
  };
  return {
    latest: (signal) => poll.latest(signal),
    expire,
    async refresh(signal) {
      expire();
      await untilAborted(poll.refresh(), signal);
    },
    async gather({ tree, revision }, { find, isResources, version }, signal) {
      const state = `${version} ${revision.commit}`;
      if (selfContained === state) return { tree, remotes: new Map(), bases: undefined, failure: undefined };
      // A little less than the interval, so that the pass that it causes finds the answers too old.
      const maxAgeMs = revision.commit === gatheredCommit ? intervalMs * 0.8 : 0;
      const gathered = await gatherer.gather(tree, { find, isResources }, maxAgeMs, signal);
      gatheredCommit = revision.commit;
      remoteFailure = gathered.failure;
      if (gathered.remotes.size === 0) selfContained = state;
      return gathered;
    },
    get known() {
      return poll.fetched;
    },
    get failure() {
      return poll.failure;
    },
    get remoteFailure() {
      return remoteFailure;
    },
    get fetchedAt() {
      return poll.fetchedAt;
    },
    close,
  };
}

/** The same for all ways to write where a repository is. */
function repositoryOf(url: string): string {
  const { host, path } = parseRepositoryUrl(url);
  return `${host}/${path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "")}`.toLowerCase();
}
