import { oneLine } from "../../model/text/one-line.ts";
import type { Cause, Verdict } from "../../model/verdict.ts";
import type { Subject } from "../evidence/evidence.ts";

/**
 * How long a kind of problem must last before it is certain, in milliseconds.
 *
 * `none`: nothing but another revision helps. `reference`: something named does not exist, and a controller may be
 * about to make it. `quota`: there is no room under a quota, and pods of the old revision may be about to leave.
 * `deadline`: it may yet come right by itself, so that only the caller's deadline decides.
 */
export const gracePeriods = {
  none: 0,
  reference: 30_000,
  quota: 60_000,
  deadline: Number.POSITIVE_INFINITY,
} as const;

/** Something that was seen to be wrong, and when it is to be taken for final. */
export interface SuspectedCause {
  readonly reason: string;
  readonly message: string;
  readonly pod?: string;
  readonly container?: string;
  /** One of `gracePeriods`. */
  readonly gracePeriod: number;
  /** When the problem began, in milliseconds since the epoch; where it is not known, waiting proves nothing. */
  readonly began?: number | undefined;
}

/** The same cause, but for the deadline to decide. */
export function onlyAtDeadline(suspected: SuspectedCause): SuspectedCause {
  return { ...suspected, gracePeriod: gracePeriods.deadline };
}

const CONSEQUENCES: ReadonlySet<string> = new Set([
  "NotReady",
  "Unhealthy",
  "ProgressDeadlineExceeded",
  "Error",
  "Evicted",
  "PodFailed",
  "ExternalProvisioning",
  "WaitForPodScheduled",
]);

/** Tells whether a reason only follows from another, or says little, so that any other is reported first. */
function isConsequence(reason: string): boolean {
  return CONSEQUENCES.has(reason);
}

/** The most telling: the one that is certain soonest, then a root before a consequence, then the first. */
export function primaryCause(candidates: readonly (SuspectedCause | undefined)[]): SuspectedCause | undefined {
  return candidates.reduce<SuspectedCause | undefined>((best, next) => {
    if (next === undefined || best === undefined) return best ?? next;
    if (next.gracePeriod !== best.gracePeriod) return next.gracePeriod < best.gracePeriod ? next : best;
    return isConsequence(best.reason) && !isConsequence(next.reason) ? next : best;
  }, undefined);
}

function isCertain(suspected: SuspectedCause, now: number): boolean {
  if (suspected.gracePeriod === gracePeriods.none) return true;
  return suspected.began !== undefined && now - suspected.began >= suspected.gracePeriod;
}

/** The one place where text from outside is sanitised for a status. */
function causeOf(subject: Subject, suspected: SuspectedCause): Cause {
  const reason = oneLine(suspected.reason) || "Unknown";
  return {
    object: subject.id,
    reason,
    message: oneLine(suspected.message) || reason,
    ...(suspected.pod !== undefined && { pod: suspected.pod }),
    ...(suspected.container !== undefined && { container: suspected.container }),
  };
}

/** `ImagePullBackOff: pod web-5d, container web: not found`: a cause in words, without the object's name. */
export function describeCause(cause: Omit<Cause, "object">): string {
  const where = [
    cause.pod === undefined ? undefined : `pod ${cause.pod}`,
    cause.container === undefined ? undefined : `container ${cause.container}`,
  ].filter((part) => part !== undefined);
  const place = where.length === 0 ? "" : `${where.join(", ")}: `;
  return `${cause.reason}: ${place}${cause.message}`;
}

/** Healthy. */
export function current(message: string): Verdict {
  return { state: "current", message: oneLine(message) || "healthy" };
}

/** Not healthy yet; failed where the suspected cause has become certain. */
export function pending(subject: Subject, message: string, suspected?: SuspectedCause): Verdict {
  const progress = { state: "inProgress", message: oneLine(message) || "in progress" } as const;
  if (suspected === undefined) return progress;
  const cause = causeOf(subject, suspected);
  if (!isCertain(suspected, subject.now)) return { ...progress, cause };
  return { state: "failed", message: describeCause(cause), cause };
}
