import { Failure } from "../../model/failure.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { SourceOptions } from "../fetched.ts";
import { ownMachine, ownReach } from "../reach/reach.ts";
import { parseRepositoryUrl } from "../url.ts";
import { openRepository, type Repository } from "./fetch-revision.ts";
import { parseCommit } from "./objects/commit.ts";
import { defaultLimits } from "./objects/limits.ts";
import { type CommitDraft, commitPack, type NewCommit, writeCommit } from "./objects/new-commit.ts";
import { objectStore } from "./objects/object-store.ts";
import { writePackFile } from "./packs/pack-file.ts";
import { indexPack } from "./packs/pack-index.ts";
import type { GitTransport } from "./transport/git-transport.ts";
import { openTransport } from "./transport/open-transport.ts";
import { sourceFailure } from "./transport/source-failure.ts";
import { type Advertisement, readAdvertisement } from "./wire/advertisement.ts";
import { pushRequest, readReport, zeroOid } from "./wire/receive-pack.ts";

/** A repository whose branches are moved. Only commits that the server has, and new ones with files it has, are pushed. */
export interface Remote {
  /**
   * A commit with the files of another one. Nobody has it before it is pushed; the same draft is the same commit.
   * Throws `Failure`: RefNotFound where the server does not hand `filesOf` out, and as a fetch does.
   */
  readonly commitTree: (draft: TreeDraft, signal: AbortSignal) => Promise<NewCommit>;
  /**
   * Moves a branch, and only from the commit given, as `--force-with-lease` does: no other push is lost. That it is there already counts as
   * done. Throws `Failure`: SourceUnreachable, SourceDenied, SourceInvalid, Interrupted (the signal).
   */
  readonly pushRef: (push: Push, signal: AbortSignal) => Promise<PushResult>;
  readonly close: () => Promise<void>;
}

/** A commit that restores files: those of `filesOf`, whatever is in the parent. */
export interface TreeDraft extends Omit<CommitDraft, "tree"> {
  /** 40 hex digits. */
  readonly filesOf: string;
}

/** Where a branch is to go. */
export interface Push {
  /** Its short name. */
  readonly branch: string;
  /** The commit it points to now; undefined where it does not exist. */
  readonly from: string | undefined;
  /** A commit that the server has, or a new one; undefined deletes the branch. */
  readonly to: string | NewCommit | undefined;
}

/** What came of a push. `moved`: the branch is at another commit than given; `denied`: a rule or a hook of the server. */
export type PushResult =
  | { readonly type: "pushed" }
  | { readonly type: "refused"; readonly reason: "moved" | "denied"; readonly message: string };

const defaultTimeoutMs = 60_000;

/** Opens a repository for pushing; nothing is sent yet. Throws `Failure` (SourceInvalid) for the URL. */
export function openRemote(url: string, credentials: Credentials, options: SourceOptions): Remote {
  const parsed = parseRepositoryUrl(url);
  const { userAgent } = options;
  const reach = ownReach(options.network ?? ownMachine);
  const repository = openRepository(url, credentials, { ...options, reach });
  const transport = openTransport(parsed, credentials, { userAgent, reach, service: "git-receive-pack" });
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;

  const within = async <T>(signal: AbortSignal, work: (ends: AbortSignal) => Promise<T>): Promise<T> => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (thrown) {
      const { address } = repository;
      if (signal.aborted) throw new Failure("Interrupted", { message: `a push to ${address} was interrupted` });
      if (!timeout.aborted) throw sourceFailure(thrown, address);
      throw new Failure("SourceUnreachable", {
        message: `${address} did not answer within ${timeoutMs / 1000} seconds`,
      });
    }
  };
  return {
    commitTree: ({ filesOf, ...draft }, signal) =>
      within(signal, async (ends) => writeCommit({ ...draft, tree: await treeOf(repository, filesOf, ends) })),
    pushRef: (push, signal) =>
      within(signal, (ends) => pushRef({ transport, address: parsed.address, agent: userAgent }, push, ends)),
    async close() {
      await transport.close();
      await repository.close();
    },
  };
}

/** The root folder of a commit; the files in it are fetched only from servers that cannot leave them out. */
async function treeOf({ server, requestPack, place }: Repository, oid: string, signal: AbortSignal) {
  const { capabilities } = await server.dialect(signal);
  const request = { want: oid, haves: [], depth: 1, commitsOnly: capabilities.has("filter") };
  const pack = await writePackFile(requestPack(request, signal), place, defaultLimits.packBytes);
  try {
    const index = await indexPack(pack, defaultLimits, signal);
    return parseCommit(await objectStore([{ pack, index }], defaultLimits).read(oid, "commit")).tree;
  } finally {
    await pack.close();
  }
}

interface PushTarget {
  readonly transport: GitTransport;
  readonly address: string;
  readonly agent: string;
}

async function pushRef(target: PushTarget, push: Push, signal: AbortSignal): Promise<PushResult> {
  const { branch, from = zeroOid, to } = push;
  const oid = typeof to === "object" ? to.oid : (to ?? zeroOid);
  const update = { ref: `refs/heads/${branch}`, from, to: oid };
  const server = await advertised(target, branch, signal);
  const commitAt = ({ refs }: Advertisement) => refs.get(update.ref)?.oid ?? zeroOid;
  if (commitAt(server) === oid) return { type: "pushed" };
  if (commitAt(server) !== from) return moved(branch);
  const request = pushRequest(update, commitPack(typeof to === "object" ? [to] : []), server, target.agent);
  const report = await readReport(target.transport.exchange(request, 0, signal), server);
  if (report.type === "done") return { type: "pushed" };
  // Servers word a lost race in many ways; where the branch is now tells.
  const now = commitAt(await advertised(target, branch, signal));
  return now === from ? { type: "refused", reason: "denied", message: report.message } : moved(branch);
}

function moved(branch: string): PushResult {
  return { type: "refused", reason: "moved", message: `branch ${branch} was moved by somebody else` };
}

/** Where one branch is, and what the server is capable of. */
function advertised({ transport, address }: PushTarget, branch: string, signal: AbortSignal): Promise<Advertisement> {
  return readAdvertisement(transport.advertisement(0, signal), { address, prefixes: [`refs/heads/${branch}`] });
}
