import type { PromotionReason } from "../api/promotion/promotion-status.ts";
import { Failure } from "../model/failure.ts";
import { shortRevision } from "../model/revision.ts";
import { mergeGate } from "./decide/merge-gate.ts";
import { type Proven, proofOf } from "./decide/proof.ts";
import type { PullRequest } from "./forge/forge.ts";
import type { Observation } from "./observe.ts";
import { pullRequestStatus } from "./pull-request-status.ts";
import type { PromotionOutcome, PromotionTask, PromotionTools } from "./task.ts";
import { type RequestText, says } from "./text/request-text.ts";
import { untilKnown } from "./until-known.ts";

/** How things are when a revision is proposed. */
export type Proposing = Observation & { readonly proven: Proven };

/** Makes the pull request what it should be, and merges the one that was right already where that is wanted and allowed. */
export async function advance(
  seen: Proposing,
  task: PromotionTask,
  tools: PromotionTools,
  signal: AbortSignal,
): Promise<PromotionOutcome> {
  const { decision, request, proven } = seen;
  const { text, renders } = await tools.cache.text({ ...seen, ...task }, tools, signal);
  if (decision.type !== "keep") await setHead(seen, task, tools, signal);
  if (request === undefined || decision.type === "propose") {
    return proposed("opened", await open(text, { task, proven }, tools, signal), { task, proven });
  }
  const written = !says(request.body, text);
  if (written) await tools.forge.updatePullRequest(request.number, text, signal);
  if (written || decision.type === "update") return proposed("updated", request, { task, proven });
  if (!task.autoMerge) return proposed("none", request, { task, proven });
  if (!renders) return unmerged(request, proven, { reason: "MergeBlocked", message: "the target cannot be rendered" });
  return merge({ request, proven, title: text.title }, task, tools, signal);
}

async function setHead(
  { proven, head }: Proposing,
  task: PromotionTask,
  tools: Pick<PromotionTools, "recordIntent" | "pushRef">,
  signal: AbortSignal,
): Promise<void> {
  await tools.recordIntent(proven, signal);
  const result = await tools.pushRef({ branch: task.head, from: head?.sha, to: proven.commit }, signal);
  if (result.type === "pushed") return;
  throw new Failure(result.reason === "moved" ? "Conflict" : "ForgeRefused", {
    message: `branch ${task.head} cannot be set: ${result.message}`,
    ...(result.reason === "moved" ? {} : { hint: "allow the token to push to branches mooring/*" }),
  });
}

async function open(
  text: RequestText,
  { task, proven }: { readonly task: PromotionTask; readonly proven: Proven },
  { forge }: Pick<PromotionTools, "forge">,
  signal: AbortSignal,
): Promise<PullRequest> {
  await untilKnown(forge, task.head, proven.commit, signal);
  return forge.openPullRequest({ head: task.head, base: task.branch, ...text, labels: [] }, signal);
}

interface Merging {
  readonly request: PullRequest;
  readonly proven: Proven;
  readonly title: string;
}

/** Everything that may forbid it is read anew, the forge's word last; the merge itself is bound to the commit. */
async function merge(
  { request, proven, title }: Merging,
  task: PromotionTask,
  tools: PromotionTools,
  signal: AbortSignal,
): Promise<PromotionOutcome> {
  const latest = await tools.recheck(signal);
  const proof = latest === undefined ? undefined : proofOf(latest.from, task.soakMs, tools.now());
  if (latest === undefined || proof?.type !== "proven" || proof.commit !== proven.commit) {
    return unmerged(request, proven, {
      reason: "MergeBlocked",
      message: "its state has just changed",
      transient: true,
    });
  }
  const readiness = await tools.forge.readiness(request.number, signal);
  const gate = mergeGate(readiness, proven.commit, latest.hold);
  if (gate !== undefined) return unmerged(request, proven, gate);
  const result = await tools.forge.mergePullRequest(request.number, { headSha: proven.commit, title }, signal);
  if (result.type === "refused") {
    const transient = result.reason === "headMoved" || result.reason === "notOpen";
    return unmerged(request, proven, { reason: "MergeBlocked", message: result.message, transient });
  }
  const revision = shortRevision(proven.evidence.revision);
  const message = `merged pull request #${request.number}: ${task.branch} has revision ${revision}`;
  const status = pullRequestStatus({ ...request, state: "merged" });
  return outcomeOf(proven, { action: "merged", reason: "UpToDate", message, request: status });
}

function proposed(
  action: "opened" | "updated" | "none",
  request: PullRequest,
  { task, proven }: { readonly task: PromotionTask; readonly proven: Proven },
): PromotionOutcome {
  const message = `pull request #${request.number} proposes revision ${shortRevision(proven.evidence.revision)}`;
  const requeueSoon = action !== "none" && task.autoMerge;
  return outcomeOf(proven, {
    action,
    reason: "Proposed",
    message,
    request: pullRequestStatus(request),
    requeueSoon,
  });
}

interface NotMerged {
  readonly reason: PromotionReason;
  readonly message: string;
  readonly transient?: boolean;
}

function unmerged(
  request: PullRequest,
  proven: Proven,
  { reason, message: why, transient }: NotMerged,
): PromotionOutcome {
  const message = `pull request #${request.number} is not merged: ${why}`;
  return outcomeOf(proven, {
    action: "none",
    reason,
    message,
    request: pullRequestStatus(request),
    requeueSoon: transient,
  });
}

function outcomeOf(proven: Proven, rest: Omit<PromotionOutcome, "ready" | "evidence">): PromotionOutcome {
  return { ready: "True", evidence: proven.evidence, ...rest };
}
