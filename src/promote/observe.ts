import { Failure } from "../model/failure.ts";
import { type Decision, decide, type HeadBranch } from "./decide/decide.ts";
import { failedIn, type Proven, proofOf } from "./decide/proof.ts";
import type { PullRequest } from "./forge/forge.ts";
import type { PromotionTask, PromotionTools } from "./task.ts";
import { isRetired } from "./text/request-text.ts";

/** How things are, and what follows. */
export interface Observation {
  readonly decision: Decision;
  readonly proven: Proven | undefined;
  readonly request: PullRequest | undefined;
  readonly head: HeadBranch | undefined;
  /** Where the target branch stands. */
  readonly targetHead: string;
}

/** What looking takes. */
export type ObserveTools = Pick<PromotionTools, "forge" | "files" | "gather" | "now" | "cache">;

/** Reads how things are and decides; changes nothing. Throws the failures of `Forge`, and RefNotFound. */
export async function observe(task: PromotionTask, tools: ObserveTools, signal: AbortSignal): Promise<Observation> {
  const { branch, from } = task;
  const proof = proofOf(from, task.soakMs, tools.now());
  const proven = proof.type === "unproven" ? undefined : proof;
  const request = await tools.forge.findPullRequest({ head: task.head, base: branch }, signal);
  const targetHead = await tools.forge.branchHead(branch, signal);
  if (targetHead === undefined) {
    throw new Failure("RefNotFound", { field: "spec.to.branch", message: `there is no branch ${branch}` });
  }
  const compare = comparison(tools, signal);
  const sha = await headSha(task, { proven, request }, tools, signal);
  const head: HeadBranch | undefined =
    sha === undefined
      ? undefined
      : { sha, ours: await isOurs(sha, { task, proven, targetHead }, compare), failed: failedIn(from, sha) };
  const contained = proven !== undefined && (await compare.contains(targetHead, proven.commit));
  const state = request === undefined ? undefined : { ...request, retired: isRetired(request.body) };
  return { decision: decide({ proof, branch, contained, head, request: state }), proven, request, head, targetHead };
}

interface Comparison {
  /** Whether one commit has all the commits of the other. */
  readonly includes: (one: string, other: string) => Promise<boolean>;
  /** The same, or the same files: a branch that takes squashed commits has them under other names. */
  readonly contains: (one: string, other: string) => Promise<boolean>;
}

function comparison({ forge, files, cache }: ObserveTools, signal: AbortSignal): Comparison {
  const includes = (one: string, other: string) =>
    cache.answer(`includes ${one} ${other}`, async () => (await forge.commitsBetween(one, other, signal)).total === 0);
  const sameFiles = async (one: string, other: string) => {
    const trees = await Promise.all([files(one, signal), files(other, signal)]);
    const [root, otherRoot] = await Promise.all(trees.map((tree) => tree.entry("")));
    return root?.oid !== undefined && root.oid === otherRoot?.oid;
  };
  return {
    includes,
    contains: async (one, other) =>
      (await includes(one, other)) || (await cache.answer(`same ${one} ${other}`, () => sameFiles(one, other))),
  };
}

/** Forges tell a pull request's head a moment late; the branch itself is asked where it matters. */
async function headSha(
  task: PromotionTask,
  { proven, request }: Pick<Observation, "proven" | "request">,
  { forge }: ObserveTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (request?.state === "open" && request.headSha === proven?.commit) return request.headSha;
  return forge.branchHead(task.head, signal);
}

/** Moving a branch away from a commit loses nothing where Mooring set it there, or where others have the commit, too. */
async function isOurs(
  sha: string,
  { task, proven, targetHead }: Pick<Observation, "proven" | "targetHead"> & { readonly task: PromotionTask },
  { includes }: Comparison,
): Promise<boolean> {
  if (proven === undefined) return false;
  if (sha === proven.commit || sha === task.lastProposed) return true;
  return (await includes(proven.commit, sha)) || (await includes(targetHead, sha));
}
