import { holdLabel } from "../../api/names.ts";
import type { PromotionReason } from "../../api/promotion/promotion-status.ts";
import type { Readiness } from "../forge/forge.ts";

/** Why a pull request is not merged now. */
export interface Blocked {
  readonly reason: Extract<PromotionReason, "Held" | "MergeBlocked">;
  readonly message: string;
  /** It may pass within seconds. */
  readonly transient?: boolean;
}

/**
 * Why a pull request must not be merged, or undefined where it may: `hold` of the spec, the label, somebody else's
 * commit, checks, reviews, a conflict. Everything has been read right before.
 */
export function mergeGate(readiness: Readiness, commit: string, hold: boolean): Blocked | undefined {
  const { state, headSha, labels, checks, reviews, mergeable } = readiness;
  if (hold) return { reason: "Held", message: "spec.hold is set" };
  if (labels.includes(holdLabel)) return { reason: "Held", message: `it has the label ${holdLabel}` };
  if (state !== "open") return { reason: "MergeBlocked", message: `it is ${state}`, transient: true };
  if (headSha !== commit)
    return { reason: "MergeBlocked", message: "its head has moved to another commit", transient: true };
  if (checks.state === "failure") return blocked(`checks failed: ${names(checks.failed)}`);
  if (checks.state === "pending") return blocked(`checks are still running: ${names(checks.pending)}`);
  if (reviews === "changesRequested") return blocked("a reviewer requested changes");
  if (reviews === "missing") return blocked("an approval is missing");
  if (mergeable === "no") return blocked("it has merge conflicts");
  if (mergeable === "unknown")
    return { ...blocked("the forge is still checking whether it can be merged"), transient: true };
  return undefined;
}

const mostNames = 5;

function names(list: readonly string[]): string {
  const shown = list.slice(0, mostNames).map((name) => name.slice(0, 100));
  const more = list.length > mostNames ? ` and ${list.length - mostNames} more` : "";
  return `${shown.join(", ") || "unnamed"}${more}`;
}

const blocked = (message: string): Blocked => ({ reason: "MergeBlocked", message });
