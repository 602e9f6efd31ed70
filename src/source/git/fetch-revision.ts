import type { Revision } from "../../model/revision.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { Fetched, SourceOptions } from "../fetched.ts";
import type { Reach } from "../reach/reach.ts";
import type { SourceRef } from "../spec.ts";
import { parseRepositoryUrl } from "../url.ts";
import { followsOn } from "./ancestry.ts";
import { parseCommit } from "./objects/commit.ts";
import { gitTree } from "./objects/git-tree.ts";
import { defaultLimits } from "./objects/limits.ts";
import { type PackPlace, unlimitedRoom } from "./packs/disk-room.ts";
import { type FetchedObjects, keepPacks, type Packs } from "./packs/packs.ts";
import { type FoundRef, refNotFound, refQuery } from "./refs/ref-query.ts";
import type { RawRevision } from "./signature/verify.ts";
import { openTransport } from "./transport/open-transport.ts";
import { type Discovery, discovery } from "./wire/discovery.ts";
import { packRequester, type RequestPack } from "./wire/pack-requester.ts";

/** All that one repository is fetched with. */
export interface Repository {
  /** For messages: without credentials. */
  readonly address: string;
  readonly server: Discovery;
  readonly requestPack: RequestPack;
  readonly packs: Packs;
  readonly place: PackPlace;
  readonly close: () => Promise<void>;
}

/** A reference the server has, and the object to request for its commit. */
export type ResolvedRef = FoundRef & { readonly want: string };

/** A revision that was fetched. */
export interface Known {
  readonly fetched: Fetched;
  readonly objects: FetchedObjects;
  readonly want: string;
}

/** Puts together what a repository is fetched with; sends nothing yet. Throws `Failure` (SourceInvalid) for the URL. */
export function openRepository(
  url: string,
  credentials: Credentials,
  { reach, ...options }: SourceOptions & { readonly reach: Reach },
): Repository {
  const parsed = parseRepositoryUrl(url);
  const { address } = parsed;
  const { cacheDir, userAgent, room = unlimitedRoom } = options;
  const place = { cacheDir, room };
  const transport = openTransport(parsed, credentials, { userAgent, reach, service: "git-upload-pack" });
  const server = discovery(transport, { address, agent: userAgent });
  const requestPack = packRequester(transport, server, userAgent);
  const packs = keepPacks(requestPack, { place, limits: defaultLimits });
  const close = async (): Promise<void> => {
    await transport.close();
    await packs.close();
  };
  return { address, server, requestPack, packs, place, close };
}

/** What a reference names now; one request, none for a bare commit. Throws `Failure` (RefNotFound, SourceInvalid). */
export async function findRef(
  { server, address }: Repository,
  ref: SourceRef,
  signal: AbortSignal,
): Promise<ResolvedRef> {
  const wanted = refQuery(ref);
  if (wanted === undefined) {
    const commit = ref.commit ?? "";
    return { revision: { ref: "", commit }, name: "", want: commit };
  }
  const found = await wanted.find(await server.listRefs(wanted.prefixes, signal));
  if (found !== undefined) return { ...found, want: found.tag ?? found.revision.commit };
  throw await refNotFound(wanted, address, await server.listRefs([wanted.kin], signal));
}

/** Fetches a commit, and tells whether it follows on the one that a branch named before. */
export async function fetchRevision(
  repository: Repository,
  { revision, tag, want }: ResolvedRef,
  before: Revision | undefined,
  signal: AbortSignal,
): Promise<Known> {
  const older = tag === undefined && before?.commit !== revision.commit ? before?.commit : undefined;
  const [objects, rewritten] = await Promise.all([
    repository.packs.obtain({ commit: revision.commit, want }, signal),
    older !== undefined && isRewritten(repository, older, revision.commit, signal),
  ]);
  const raw: RawRevision = {
    commit: await objects.read(revision.commit, "commit"),
    tag: tag === undefined ? undefined : await objects.read(tag, "tag"),
  };
  const { tree, info } = parseCommit(raw.commit);
  const fetched: Fetched = {
    revision,
    tree: gitTree(tree, objects),
    commit: info,
    ...(rewritten && older !== undefined ? { rewrittenFrom: older } : {}),
    raw,
  };
  return { fetched, objects, want };
}

async function isRewritten(
  { server, requestPack, place }: Repository,
  before: string,
  now: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { capabilities } = await server.dialect(signal);
  if (!capabilities.has("filter")) return false;
  return !(await followsOn(before, now, { requestPack, place, limits: defaultLimits }, signal));
}
