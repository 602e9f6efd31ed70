import { createHash } from "node:crypto";
import { type Alarm, every, reportBug } from "../clock/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { formatRevision } from "../model/revision.ts";
import type { Credentials } from "./credentials/credentials.ts";
import { credentialsFor } from "./credentials/credentials-for.ts";
import type { Fetched, SourceOptions } from "./fetched.ts";
import { type Verification, verifyRevision } from "./git/signature/verify.ts";
import { createSource, type Source } from "./git/source.ts";
import { mountedTree, submodulesOf } from "./git/submodules.ts";
import { elsewhereReach, ownMachine, ownReach, type Reach } from "./reach/reach.ts";
import type { SourceRef, SourceSpec } from "./spec.ts";
import { ignoredTree } from "./trees/ignored-tree.ts";
import { parseRepositoryUrl } from "./url.ts";

/** The repositories of all Environments: those with the same URL and credentials share one clone. */
export interface SourcePool {
  /**
   * Fetches what the spec names, with its submodules where it says so, verifies it as it says, and hides the files it
   * ignores. A submodule on another host gets no credentials, and must be on one that the operator named. Throws as `Source.fetch` does, and as `verifyRevision`.
   */
  readonly fetch: (spec: SourceSpec, credentials: Credentials, signal: AbortSignal) => Promise<Fetched>;
  /**
   * Keeps the clone of a repository, and what the reference names, until the returned function is called: then the last
   * one closes it. What nobody keeps, such as submodules and remote bases, is closed when it was idle for an hour.
   */
  readonly hold: (spec: Pick<SourceSpec, "url" | "ref">, credentials: Credentials) => () => void;
  /** How many clones there are. */
  readonly size: number;
  /** The same with the files that it ignores, of a repository that files name: within that reach, submodules too. */
  readonly fetchElsewhere: (
    spec: Omit<SourceSpec, "verify" | "ignore">,
    credentials: Credentials,
    reach: Reach,
    signal: AbortSignal,
  ) => Promise<Fetched>;
  readonly close: () => Promise<void>;
}

interface Pooled {
  readonly source: Source;
  usedAt: number;
  /** Who keeps it, and who fetches from it now. */
  holders: number;
  fetching: number;
}

/** What nobody keeps is closed when it was idle for so long. */
const restMs = 3_600_000;
const sweepMs = 60_000;
const maxNesting = 5;

/** Makes a pool; no request is sent before the first fetch. */
export function createSourcePool(options: SourceOptions): SourcePool {
  const sources = new Map<string, Pooled>();
  const verified = new WeakMap<Fetched, Set<string>>();

  let sweeping: Alarm | undefined;
  const network = options.network ?? ownMachine;
  const own = ownReach(network);

  const pooledFor = (url: string, credentials: Credentials, reach: Reach): Pooled => {
    // A clone is shared among those who might have fetched it.
    const key = digestOf({ url, reach: reach.id, ...credentials });
    const known = sources.get(key) ?? {
      source: createSource(url, credentials, { ...options, reach }),
      usedAt: 0,
      holders: 0,
      fetching: 0,
    };
    known.usedAt = performance.now();
    sources.set(key, known);
    sweeping ??= every(sweepMs, () => sweep(restMs), reportBug);
    return known;
  };

  /** Closes what nobody keeps and was idle for so long. */
  const sweep = (idleMs: number): void => {
    const before = performance.now() - idleMs;
    for (const [key, { source, holders, fetching, usedAt }] of sources) {
      if (holders > 0 || fetching > 0 || usedAt > before) continue;
      sources.delete(key);
      source.close().catch(reportBug);
    }
    if (sources.size > 0) return;
    sweeping?.stop();
    sweeping = undefined;
  };

  const fetchFrom = async ({ url, credentials, reach }: RepositoryAccess, ref: SourceRef, signal: AbortSignal) => {
    const pooled = pooledFor(url, credentials, reach);
    pooled.fetching += 1;
    try {
      return await pooled.source.fetch(ref, signal);
    } finally {
      pooled.fetching -= 1;
    }
  };

  const verifyOnce = async (fetched: Fetched, verification: Verification): Promise<void> => {
    const done = verified.get(fetched) ?? new Set();
    const key = digestOf(verification);
    if (done.has(key)) return;
    await verifyRevision(fetched.revision, fetched.raw, verification).catch((thrown: unknown) => {
      const { code, problems, cause } = toFailure(thrown);
      throw new Failure(code, problems, { cause, refused: formatRevision(fetched.revision) });
    });
    verified.set(fetched, done.add(key));
  };

  const withSubmodules = async (tree: FileTree, parent: Parent, signal: AbortSignal): Promise<FileTree> => {
    const { reach } = parent;
    const submodules = await submodulesOf(tree, parent.url);
    if (submodules.length > 0 && parent.nesting > maxNesting) {
      throw new Failure("InputTooLarge", { message: `submodules in submodules, more than ${maxNesting} deep` });
    }
    const mounts = submodules.map(async ({ path, url, commit }): Promise<[string, FileTree]> => {
      const credentials = credentialsFor(url, parent);
      const access = { url, credentials, reach };
      const { tree: inner } = await fetchFrom(access, { commit }, signal).catch((thrown: unknown) => {
        throw ofSubmodule(path, toFailure(thrown));
      });
      return [path, await withSubmodules(inner, { ...access, nesting: parent.nesting + 1 }, signal)];
    });
    return mountedTree(tree, new Map(await Promise.all(mounts)));
  };

  const fetchWhole = async (spec: SourceSpec, { credentials, reach, elsewhere }: FetchAccess, signal: AbortSignal) => {
    const fetched = await fetchFrom({ url: spec.url, credentials, reach }, spec.ref ?? {}, signal);
    if (spec.verify !== undefined) await verifyOnce(fetched, spec.verify);
    if (spec.recurseSubmodules !== true) return fetched;
    const parent = { url: spec.url, credentials, reach: elsewhere, nesting: 1 };
    return { ...fetched, tree: await withSubmodules(fetched.tree, parent, signal) };
  };

  return {
    hold({ url, ref = {} }, credentials) {
      const pooled = pooledFor(url, credentials, own);
      pooled.holders += 1;
      const release = pooled.source.keep(ref);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        release();
        pooled.holders -= 1;
        if (pooled.holders > 0) return;
        pooled.usedAt = Number.NEGATIVE_INFINITY;
        sweep(restMs);
      };
    },
    get size() {
      return sources.size;
    },
    fetchElsewhere: (spec, credentials, reach, signal) =>
      fetchWhole(spec, { credentials, reach, elsewhere: reach }, signal),
    async fetch(spec, credentials, signal) {
      const elsewhere = elsewhereReach(network, parseRepositoryUrl(spec.url));
      const fetched = await fetchWhole(spec, { credentials, reach: own, elsewhere }, signal);
      return { ...fetched, tree: await ignoredTree(fetched.tree, spec.ignore ?? "") };
    },
    async close() {
      sweeping?.stop();
      await Promise.all([...sources.values()].map(({ source }) => source.close()));
      sources.clear();
    },
  };
}

/** With what a repository is fetched, and where its submodules may be. */
interface FetchAccess {
  readonly credentials: Credentials;
  readonly reach: Reach;
  readonly elsewhere: Reach;
}

interface RepositoryAccess {
  readonly url: string;
  readonly credentials: Credentials;
  readonly reach: Reach;
}

interface Parent extends RepositoryAccess {
  readonly nesting: number;
}

function ofSubmodule(path: string, { code, problems, cause }: Failure): Failure {
  const inModules = problems.map((problem) => ({
    file: ".gitmodules",
    ...problem,
    message: `${path}: ${problem.message}`,
  }));
  return new Failure(code, inModules, { cause });
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
