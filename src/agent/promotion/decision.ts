import type { PromotionReason } from "../../api/promotion/promotion-status.ts";
import { backoffMs } from "../../clock/index.ts";
import { type Failure, failureClasses } from "../../model/failure.ts";
import type { PromotionOutcome } from "../../promote/index.ts";
import { reasons } from "../kernel/reasons.ts";
import type { NewPromotionCondition, PromotionStatusChange } from "./status.ts";

/** Something that happened to a Promotion. */
export interface PromotionEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: PromotionReason | "Updated" | "Closed" | "Merged";
  readonly message: string;
}

/** What follows from a look: the status, what to tell, and when to look again. */
export interface PromotionDecision {
  readonly status: PromotionStatusChange;
  readonly event: PromotionEvent | undefined;
  readonly nextMs: number;
}

/** What a decision starts from. */
export interface PromotionDecisionInput {
  readonly intervalMs: number;
  readonly now: Date;
  /** How many looks in a row, this one included, ended in an error, or found the forge at work. */
  readonly repeated: number;
}

const firstRetryMs = 1_000;
const firstGlanceMs = 3_000;

/** Turns what a promotion came to into status, event and next time. */
export function decidePromotion(outcome: PromotionOutcome, at: PromotionDecisionInput): PromotionDecision {
  const { ready, reason, message, request, evidence } = outcome;
  return {
    status: {
      conditions: [
        { type: "Ready", status: ready, reason, message },
        progress(ready === "Unknown", reason, message),
        stalled(reason === "HeadMoved", reason, "waiting for a person"),
      ],
      fields: { pullRequest: request ?? null, ...(evidence === undefined ? {} : { evidence }) },
    },
    event: eventOf(outcome),
    nextMs: nextLook(outcome, at),
  };
}

/** The same for an error: nothing is forgotten, and it is tried again. */
export function decidePromotionError(failure: Failure, at: PromotionDecisionInput): PromotionDecision {
  const { retry } = failureClasses[failure.code];
  const reason = reasons[failure.code];
  const { message } = failure;
  const backoff = backoffMs(at.repeated, { shortestMs: firstRetryMs, longestMs: at.intervalMs });
  const wanted = retry === "backoff" ? backoff : at.intervalMs;
  const patience = (failure.retryAt?.getTime() ?? 0) - at.now.getTime();
  const conditions: readonly NewPromotionCondition[] = [
    { type: "Ready", status: "False", reason, message },
    progress(retry === "backoff", reason, message),
    stalled(failure.code === "SpecInvalid", reason, "waiting for an edited spec"),
  ];
  return {
    status: { conditions },
    event: { type: "Warning", reason, message },
    nextMs: Math.max(wanted, patience),
  };
}

function nextLook({ until, soon }: PromotionOutcome, { intervalMs, now, repeated }: PromotionDecisionInput): number {
  if (soon === true) return backoffMs(repeated, { shortestMs: firstGlanceMs, longestMs: intervalMs });
  if (until === undefined) return intervalMs;
  return Math.min(intervalMs, Math.max(0, until.getTime() - now.getTime()));
}

const told = { opened: "Proposed", updated: "Updated", closed: "Closed", merged: "Merged" } as const;

function eventOf({ action, ready, reason, message }: PromotionOutcome): PromotionEvent | undefined {
  if (action !== "none") return { type: "Normal", reason: told[action], message };
  return reason === "HeadMoved" ? { type: "Warning", reason, message } : unlessQuiet(ready, reason, message);
}

/** What an open pull request waits for is for the status; nothing has happened. */
function unlessQuiet(
  ready: PromotionOutcome["ready"],
  reason: PromotionReason,
  message: string,
): PromotionEvent | undefined {
  const worth = ready === "False" || reason === "Declined";
  return worth ? { type: "Normal", reason, message } : undefined;
}

function progress(active: boolean, reason: PromotionReason, message: string): NewPromotionCondition {
  return { type: "Reconciling", status: active ? "True" : "False", reason, message: active ? message : "" };
}

function stalled(active: boolean, reason: PromotionReason, message: string): NewPromotionCondition {
  return { type: "Stalled", status: active ? "True" : "False", reason, message: active ? message : "" };
}
