import type { PromotionReason, PromotionStatus } from "../../api/promotion/promotion-status.ts";
import { backoffMs } from "../../clock/index.ts";
import { type Failure, failureClasses } from "../../model/failure.ts";
import type { PromotionOutcome } from "../../promote/index.ts";
import type { Decision, DecisionTime, Ended, NotableEvent } from "../kernel/decision.ts";
import { reasons } from "../kernel/reasons.ts";
import { requeueAfterFailure } from "../kernel/requeue-after-failure.ts";
import type { StatusChange } from "../kernel/status-writer.ts";

/** What came of a pass over a Promotion; `idle` while it is suspended or being deleted. */
export type PromotionPassOutcome = PromotionOutcome | "idle";

/** Something about a Promotion that people should hear of. */
export type PromotionEvent = NotableEvent<PromotionReason | "Updated" | "Closed" | "Merged">;

/** What follows from a pass over a Promotion. */
export type PromotionDecision = Decision<PromotionStatus, PromotionEvent>;

/** What a decision starts from. */
export interface PromotionDecisionInput extends DecisionTime {
  readonly intervalMs: number;
}

type NewCondition = NonNullable<StatusChange<PromotionStatus>["conditions"]>[number];

const firstRetryMs = 1_000;
/** While the forge works on a request. */
const firstCheckMs = 3_000;

/** The decider of Promotions: how a pass ended → conditions, fields, event, and when the next pass is made. */
export function decidePromotion(ended: Ended<PromotionPassOutcome>, at: PromotionDecisionInput): PromotionDecision {
  if (ended.type === "failure") return decideError(ended.failure, at);
  if (ended.outcome === "idle") return { status: undefined, event: undefined, requeueMs: undefined };
  return decideOutcome(ended.outcome, at);
}

function decideOutcome(outcome: PromotionOutcome, at: PromotionDecisionInput): PromotionDecision {
  const { ready, reason, message, request, evidence, requeueSoon } = outcome;
  const event = eventOf(outcome);
  return {
    status: {
      conditions: [
        { type: "Ready", status: ready, reason, message },
        progress(ready === "Unknown", reason, message),
        stalled(reason === "HeadMoved", reason, "waiting for a person"),
      ],
      fields: { pullRequest: request ?? null, ...(evidence === undefined ? {} : { evidence }) },
    },
    event,
    requeueMs: requeueAfter(outcome, at),
    retries: requeueSoon === true,
    settled: event === undefined,
  };
}

/** Nothing is forgotten, and it is tried again. */
function decideError(failure: Failure, { intervalMs, ...time }: PromotionDecisionInput): PromotionDecision {
  const { code, message } = failure;
  const reason = reasons[code];
  const conditions: readonly NewCondition[] = [
    { type: "Ready", status: "False", reason, message },
    progress(failureClasses[code].retry === "backoff", reason, message),
    stalled(code === "SpecInvalid", reason, "waiting for a changed spec"),
  ];
  return {
    status: { conditions },
    event: { type: "Warning", reason, message },
    requeueMs: requeueAfterFailure(failure, { firstMs: firstRetryMs, intervalMs, resyncMs: intervalMs, ...time }),
  };
}

function requeueAfter(
  { until, requeueSoon }: PromotionOutcome,
  { intervalMs, now, tries }: PromotionDecisionInput,
): number {
  if (requeueSoon === true) return backoffMs(tries, { shortestMs: firstCheckMs, longestMs: intervalMs });
  if (until === undefined) return intervalMs;
  return Math.min(intervalMs, Math.max(0, until.getTime() - now.getTime()));
}

const actionReasons = { opened: "Proposed", updated: "Updated", closed: "Closed", merged: "Merged" } as const;

function eventOf({ action, ready, reason, message }: PromotionOutcome): PromotionEvent | undefined {
  // What was done at the forge is done once.
  if (action !== "none") return { type: "Normal", reason: actionReasons[action], message, recurring: true };
  if (reason === "HeadMoved") return { type: "Warning", reason, message };
  // What an open pull request waits for is in the status; no event says so.
  return ready === "False" || reason === "Declined" ? { type: "Normal", reason, message } : undefined;
}

function progress(active: boolean, reason: PromotionReason, message: string): NewCondition {
  return { type: "Reconciling", status: active ? "True" : "False", reason, message: active ? message : "" };
}

function stalled(active: boolean, reason: PromotionReason, message: string): NewCondition {
  return { type: "Stalled", status: active ? "True" : "False", reason, message: active ? message : "" };
}
