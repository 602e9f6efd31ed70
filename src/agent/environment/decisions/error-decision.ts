import type { NewCondition } from "../../../api/conditions.ts";
import { intervalMilliseconds } from "../../../api/duration.ts";
import { type Failure, failureClasses } from "../../../model/failure.ts";
import { reasons } from "../../kernel/reasons.ts";
import { requeueAfterFailure } from "../../kernel/requeue-after-failure.ts";
import { progress } from "../status/condition-sets.ts";
import { toStatusProblems } from "../status/problems.ts";
import type { Decision, DecisionInput, NotableEvent } from "./decision.ts";

const firstRetryMs = 1_000;

/** What follows from an error: nothing is rolled back, nothing is forgotten, and it is tried again. */
export function decideError(failure: Failure, at: DecisionInput): Decision {
  const { retry } = failureClasses[failure.code];
  const reason = reasons[failure.code];
  const message = failure.message;
  const stalled = retry === "never" || failure.code === "SpecInvalid";
  const conditions: readonly NewCondition[] = [
    { type: "Ready", status: "False", reason, message },
    progress(retry === "backoff", reason, message),
    {
      type: "Stalled",
      status: stalled ? "True" : "False",
      reason,
      message: stalled ? "waiting for a new commit or a changed spec" : "",
    },
  ];
  const event: NotableEvent = { type: "Warning", reason, message };
  const requeueMs = requeueAfterFailure(failure, {
    firstMs: firstRetryMs,
    intervalMs: intervalMilliseconds(at.spec.retryInterval),
    resyncMs: intervalMilliseconds(at.spec.interval),
    now: at.now,
    tries: at.tries,
  });
  const attempted = at.attempted === undefined ? {} : { lastAttemptedRevision: at.attempted, waitingRevision: null };
  const fields = { problems: toStatusProblems(failure.problems), ...attempted };
  return { status: { conditions, fields }, event, requeueMs };
}
