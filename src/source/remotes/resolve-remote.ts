import { Failure, toFailure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type RemoteReference, type RemoteRepository, shownUrl } from "../../model/remote.ts";
import { credentialsFor, type Home, wayTo } from "../credentials/credentials-for.ts";
import { sourceFailure, statusFailure } from "../git/transport/source-failure.ts";
import { type HttpSession, httpSession } from "../http/http-session.ts";
import type { SourcePool } from "../pool.ts";
import { refusalOf } from "../reach/check.ts";
import { elsewhereReach, type Network, type Reach } from "../reach/reach.ts";
import type { SourceRef } from "../spec.ts";
import { parseRepositoryUrl, portOf, type RepositoryUrl } from "../url.ts";
import { fileAsTree } from "./mounts.ts";
import { getFile, type RemoteFile } from "./remote-file.ts";

/** What a reference resolved to. */
export type ResolvedRemote =
  | { readonly kind: "repository"; readonly repository: RemoteRepository; readonly commit: string }
  | { readonly kind: "file"; readonly url: string; readonly file: RemoteFile };

/** Resolves what kustomizations name elsewhere. */
export interface RemoteResolver {
  /** Why a reference is refused whatever its host resolves to, in words: the host is not permitted. */
  refusal(reference: RemoteReference): string | undefined;
  /** Resolves it anew; `known` is what it resolved to before. Throws `Failure` as fetching a source does. */
  resolve(reference: RemoteReference, known: ResolvedRemote | undefined, signal: AbortSignal): Promise<ResolvedRemote>;
  /** Its files: without a request while they are at hand. */
  open(resolved: ResolvedRemote, signal: AbortSignal): Promise<FileTree>;
  close(): Promise<void>;
}

/** A file, or why there is none. */
type FileOutcome = RemoteFile | Failure;

const fileTimeoutMs = 60_000;

/**
 * Resolves as kustomize does: what may be a file is fetched first, and is a repository where it cannot be got or is not what
 * `isResources` takes. What was a repository once is not taken for a file again.
 */
export function createRemoteResolver(
  pool: SourcePool,
  home: Home,
  how: {
    readonly userAgent: string;
    readonly network: Network;
    readonly isResources: (content: Uint8Array) => boolean | Promise<boolean>;
  },
): RemoteResolver {
  const sessions = new Map<string, HttpSession>();
  const { userAgent, network } = how;
  const git = elsewhereReach(network, parseRepositoryUrl(home.url));
  const files = elsewhereReach(network, undefined);

  const sessionFor = (url: string): HttpSession => {
    const { origin } = new URL(url);
    const session = sessions.get(origin) ?? httpSession(origin, wayTo(url, home), { userAgent, reach: files });
    sessions.set(origin, session);
    return session;
  };

  const fetchRepository = ({ url, submodules }: RemoteRepository, ref: SourceRef, signal: AbortSignal) =>
    pool.fetchElsewhere({ url, ref, recurseSubmodules: submodules }, credentialsFor(url, home), git, signal);

  const resolveRepository = async (repository: RemoteRepository, signal: AbortSignal): Promise<ResolvedRemote> => {
    const { revision } = await fetchRepository(repository, refOf(repository), signal);
    return { kind: "repository", repository, commit: revision.commit };
  };

  const fetchFile = async (url: string, known: RemoteFile | undefined, signal: AbortSignal): Promise<FileOutcome> => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(fileTimeoutMs)]);
    try {
      const got = await getFile(sessionFor(url), url, known, limit);
      return typeof got === "number" ? fileFailure(got, url) : got;
    } catch (thrown) {
      if (signal.aborted) throw new Failure("Interrupted", { message: `getting ${shownUrl(url)} was interrupted` });
      return sourceFailure(thrown, shownUrl(url));
    }
  };

  return {
    refusal({ text, isUrl, repository }) {
      const asFile = isUrl ? refusalAt(text, files) : undefined;
      // What is named like a file is not looked for in Git where it may not be got.
      if (repository === undefined || (asFile !== undefined && isFileName(text))) return asFile;
      return isUrl && asFile === undefined ? undefined : refusalAt(repository.url, git);
    },
    async resolve({ text, isUrl, repository }, known, signal) {
      const mayBeFile = isUrl && refusalAt(text, files) === undefined;
      if (repository !== undefined && (!mayBeFile || known?.kind === "repository"))
        return resolveRepository(repository, signal);
      const got = await fetchFile(refuseLogin(text), known?.kind === "file" ? known.file : undefined, signal);
      const file = "content" in got ? ({ kind: "file", url: text, file: got } as const) : undefined;
      if (repository === undefined || (file !== undefined && (await how.isResources(file.file.content))))
        return orThrow(file, got);
      return resolveRepository(repository, signal).catch((thrown: unknown) => {
        // Where there is no repository either, it was meant to be a file, and that is what went wrong.
        if (toFailure(thrown).code !== "SourceInvalid" || (file === undefined && !isFileName(text))) throw thrown;
        return orThrow(file, got);
      });
    },
    async open(resolved, signal) {
      if (resolved.kind === "file") return fileAsTree(resolved.file.content);
      return (await fetchRepository(resolved.repository, { commit: resolved.commit }, signal)).tree;
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()));
      sessions.clear();
    },
  };
}

/** What is no URL is refused where it is fetched. */
function refusalAt(url: string, reach: Reach): string | undefined {
  const parsed = readUrl(url);
  return parsed instanceof Failure ? undefined : refusalOf(reach, { host: parsed.host, port: portOf(parsed) });
}

function readUrl(url: string): RepositoryUrl | Failure {
  try {
    return parseRepositoryUrl(url);
  } catch (thrown) {
    return toFailure(thrown);
  }
}

function orThrow(answer: ResolvedRemote | undefined, got: FileOutcome): ResolvedRemote {
  if (answer !== undefined) return answer;
  throw got;
}

function isFileName(url: string): boolean {
  return /\.(ya?ml|json)$/i.test(new URL(url).pathname);
}

/** Whether the same reference may come to something else tomorrow. */
export function isMoving(resolved: ResolvedRemote): boolean {
  return resolved.kind === "file" || refOf(resolved.repository).commit === undefined;
}

function refOf({ ref }: RemoteRepository): SourceRef {
  if (/^[0-9a-f]{40}$/i.test(ref)) return { commit: ref.toLowerCase() };
  if (ref === "" || ref === "HEAD") return {};
  return ref.startsWith("refs/") ? { name: ref } : { short: ref };
}

/** Throws `Failure` (SourceInvalid) for a URL with a password, as for a repository's. */
function refuseLogin(url: string): string {
  parseRepositoryUrl(url);
  return url;
}

function fileFailure(status: number, url: string): Failure {
  if (status !== 404 && status !== 410) return statusFailure(status, shownUrl(url));
  return new Failure("SourceInvalid", { message: `there is no file at ${shownUrl(url)} (${status})` });
}
