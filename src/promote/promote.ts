import { Failure } from "../model/failure.ts";
import { advance } from "./advance.ts";
import type { PullRequest } from "./forge/forge.ts";
import { type Observation, observe } from "./observe.ts";
import { pullRequestStatus } from "./pull-request-status.ts";
import type { PromotionOutcome, PromotionTask, PromotionTools } from "./task.ts";
import type { Markdown } from "./text/markdown.ts";
import { retiredBody } from "./text/request-text.ts";

/**
 * Brings a promotion one step further: reads how things are, decides, and does it. May be run again at any time, also
 * after it was interrupted: it finds its pull request by its branches, and there is never more than one. Throws the
 * failures of `Forge`, `Remote` and of fetching, and RefNotFound where there is no target branch.
 */
export async function promote(
  task: PromotionTask,
  tools: PromotionTools,
  signal: AbortSignal,
): Promise<PromotionOutcome> {
  const seen = await observe(task, tools, signal);
  const { decision, proven, request } = seen;
  switch (decision.type) {
    case "nothing":
      return { ...unchanged(seen), ready: "True", reason: decision.reason, message: decision.message };
    case "wait": {
      const { reason, message, until } = decision;
      return { ...unchanged(seen), ready: until === undefined ? "False" : "Unknown", reason, message, until };
    }
    case "close":
      if (request === undefined) throw new Failure("Bug", { message: "closed without a pull request" });
      return close(seen, { request, why: decision.message }, tools, signal);
    case "propose":
    case "update":
    case "keep":
      if (proven === undefined) throw new Failure("Bug", { message: "proposed without a proof" });
      return advance({ ...seen, proven }, task, tools, signal);
  }
}

function unchanged({ request, proven }: Observation): Pick<PromotionOutcome, "action" | "request" | "evidence"> {
  const status = request === undefined ? undefined : pullRequestStatus(request);
  return { action: "none", request: status, evidence: proven?.evidence };
}

async function close(
  seen: Observation,
  { request, why }: { readonly request: PullRequest; readonly why: Markdown },
  { forge }: Pick<PromotionTools, "forge">,
  signal: AbortSignal,
): Promise<PromotionOutcome> {
  const { number } = request;
  await forge.updatePullRequest(number, { body: retiredBody(request.body) }, signal);
  await forge.closePullRequest(number, why, signal);
  const message = `closed pull request #${number}: ${why.replace(/\.$/, "")}`;
  const status = pullRequestStatus({ ...request, state: "closed" });
  const outcome = { action: "closed", ready: "True", reason: "UpToDate", message, request: status } as const;
  return { ...unchanged(seen), ...outcome, requeueSoon: true };
}
