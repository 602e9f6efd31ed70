import { createHash } from "node:crypto";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Credentials } from "./credentials.ts";
import { credentialsFor } from "./credentials-for.ts";
import type { Fetched, SourceOptions } from "./fetched.ts";
import { ignoredTree } from "./ignored-tree.ts";
import { type Verification, verifyRevision } from "./signature/verify.ts";
import { createSource, type Source } from "./source.ts";
import type { SourceSpec } from "./spec.ts";
import { mountedTree, submodulesOf } from "./submodules.ts";

/** The repositories of all Environments: those with the same URL and credentials share one clone. */
export interface SourcePool {
  /**
   * Fetches what the spec names, with its submodules where it says so, verifies it as it says, and hides the files it
   * ignores. A submodule on another host gets no credentials. Throws as `Source.fetch` does, and as `verifyRevision`.
   */
  readonly fetch: (spec: SourceSpec, credentials: Credentials, signal: AbortSignal) => Promise<Fetched>;
  /** The same with the files that it ignores. */
  readonly fetchWhole: SourcePool["fetch"];
  readonly close: () => Promise<void>;
}

interface Pooled {
  readonly url: string;
  readonly source: Source;
  usedAt: number;
}

/** After this, what nobody asked for any more makes way for the same repository with other credentials. */
const restMs = 3_600_000;
const maxNesting = 5;

/** Makes a pool; nothing is asked of any server before the first fetch. */
export function createSourcePool(options: SourceOptions): SourcePool {
  const sources = new Map<string, Pooled>();
  const verified = new WeakMap<Fetched, Set<string>>();

  const sourceOf = (url: string, credentials: Credentials): Source => {
    const key = digestOf({ url, ...credentials });
    const known = sources.get(key) ?? { url, source: createSource(url, credentials, options), usedAt: 0 };
    known.usedAt = performance.now();
    if (!sources.has(key)) retire(url);
    sources.set(key, known);
    return known.source;
  };

  /** Credentials are renewed; the clones of the old ones must not pile up. */
  const retire = (url: string): void => {
    for (const [key, old] of sources) {
      if (old.url !== url || performance.now() - old.usedAt < restMs) continue;
      sources.delete(key);
      old.source.close().catch(() => undefined);
    }
  };

  const verifyOnce = async (fetched: Fetched, verification: Verification): Promise<void> => {
    const done = verified.get(fetched) ?? new Set();
    const key = digestOf(verification);
    if (done.has(key)) return;
    await verifyRevision(fetched.revision, fetched.raw, verification);
    verified.set(fetched, done.add(key));
  };

  const withSubmodules = async (tree: FileTree, parent: Parent, signal: AbortSignal): Promise<FileTree> => {
    const submodules = await submodulesOf(tree, parent.url);
    if (submodules.length > 0 && parent.nesting > maxNesting) {
      throw new Failure("InputTooLarge", { message: `submodules in submodules, more than ${maxNesting} deep` });
    }
    const mounts = submodules.map(async ({ path, url, commit }): Promise<[string, FileTree]> => {
      const credentials = credentialsFor(url, parent);
      const { tree: inner } = await sourceOf(url, credentials).fetch({ commit }, signal);
      return [path, await withSubmodules(inner, { url, credentials, nesting: parent.nesting + 1 }, signal)];
    });
    return mountedTree(tree, new Map(await Promise.all(mounts)));
  };

  const fetchWhole: SourcePool["fetch"] = async (spec, credentials, signal) => {
    const fetched = await sourceOf(spec.url, credentials).fetch(spec.ref ?? {}, signal);
    if (spec.verify !== undefined) await verifyOnce(fetched, spec.verify);
    if (spec.recurseSubmodules !== true) return fetched;
    const tree = await withSubmodules(fetched.tree, { url: spec.url, credentials, nesting: 1 }, signal);
    return { ...fetched, tree };
  };

  return {
    fetchWhole,
    async fetch(spec, credentials, signal) {
      const fetched = await fetchWhole(spec, credentials, signal);
      return { ...fetched, tree: await ignoredTree(fetched.tree, spec.ignore ?? "") };
    },
    async close() {
      await Promise.all([...sources.values()].map(({ source }) => source.close()));
      sources.clear();
    },
  };
}

interface Parent {
  readonly url: string;
  readonly credentials: Credentials;
  readonly nesting: number;
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
