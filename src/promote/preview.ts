import type { Evidence } from "../api/promotion/promotion-status.ts";
import { shortRevision } from "../model/revision.ts";
import type { PullRequest } from "./forge/forge.ts";
import { type Observation, type ObserveTools, observe } from "./observe.ts";
import type { PromotionTask } from "./task.ts";
import type { RequestText } from "./text/request-text.ts";

/** What a promotion would do. */
export interface PromotionPreview {
  readonly action: "open" | "update" | "close" | "none";
  /** Whether there is, or would be, what is to be: a pull request, or nothing to promote. */
  readonly fine: boolean;
  readonly message: string;
  readonly request: PullRequest | undefined;
  readonly evidence: Evidence | undefined;
  /** What the pull request would say, where one would be open. */
  readonly text: RequestText | undefined;
}

/** Says what `promote` would do now, and does nothing. Throws as `look` does. */
export async function previewPromotion(
  task: PromotionTask,
  tools: ObserveTools,
  signal: AbortSignal,
): Promise<PromotionPreview> {
  const seen = await observe(task, tools, signal);
  const { request, proven } = seen;
  const proposes = ["propose", "update", "keep"].includes(seen.decision.type);
  const recalled =
    proposes && proven !== undefined ? await tools.cache.text({ ...seen, ...task, proven }, tools, signal) : undefined;
  const intent = intentOf(seen, task.branch);
  return { ...intent, request, evidence: proven?.evidence, text: recalled?.text };
}

function intentOf(
  { decision, proven }: Observation,
  branch: string,
): Pick<PromotionPreview, "action" | "fine" | "message"> {
  const revision = shortRevision(proven?.evidence.revision ?? "");
  switch (decision.type) {
    case "propose":
      return { action: "open", fine: true, message: `would propose revision ${revision} to ${branch}` };
    case "update":
      return { action: "update", fine: true, message: `would set pull request #${decision.number} to ${revision}` };
    case "keep":
      return { action: "none", fine: true, message: `pull request #${decision.number} proposes revision ${revision}` };
    case "close":
      return {
        action: "close",
        fine: true,
        message: `would close pull request #${decision.number}: ${decision.message}`,
      };
    case "nothing":
      return { action: "none", fine: true, message: decision.message };
    case "wait":
      return { action: "none", fine: false, message: decision.message };
  }
}
