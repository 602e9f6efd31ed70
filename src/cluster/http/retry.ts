import { createBackoff } from "../../clock/index.ts";
import { isObject } from "../../model/json/json.ts";
import { pause } from "../failures/abortable.ts";
import type { Answer } from "../failures/api-status.ts";
import type { Broken } from "../failures/unreachable.ts";

/** Sends a request once; `fresh` asks for new credentials. The answer may be of whatever code. */
export type Attempt<A extends Answer> = (fresh: boolean) => Promise<A | Broken>;

const attempts = 5;
const pauses = { shortestMs: 100, longestMs: 2_000 };
const longestRetryAfterMs = 30_000;
/** No try begins later than this after the first one: a server that hangs is not waited for five times. */
const longestMs = 60_000;

/**
 * Tries up to five times within a minute, with growing pauses or those the server asks for (`Retry-After`). What may not be sent twice is
 * sent again only where the server cannot have acted on it: never connected, or turned away with 429. A refused
 * credential is renewed once. The last answer is the answer; throws the failure of a connection that stays broken.
 */
export async function retried<A extends Answer>(
  attempt: Attempt<A>,
  repeatable: boolean,
  signal: AbortSignal,
): Promise<A> {
  const backoff = createBackoff(pauses);
  const started = performance.now();
  let fresh = false;
  for (let left = attempts - 1; ; left--) {
    const outcome: A | Broken = await attempt(fresh);
    const expired: boolean = !("failure" in outcome) && outcome.status === 401 && !fresh;
    const over = left === 0 || performance.now() - started > longestMs;
    if (over || !(expired || mayTryAgain(outcome, repeatable))) {
      if ("failure" in outcome) throw outcome.failure;
      return outcome;
    }
    fresh ||= expired;
    if (!expired) await pause(Math.max(backoff.next(), askedPause(outcome)), signal);
  }
}

function mayTryAgain(outcome: Answer | Broken, repeatable: boolean): boolean {
  if ("failure" in outcome) return outcome.again === "always" || (outcome.again === "ifRepeatable" && repeatable);
  if (outcome.status === 429) return true;
  return repeatable && ([502, 503, 504].includes(outcome.status) || isFault(outcome));
}

/** A 500 without a reason is how server-side apply says that the object does not fit its schema: no use to repeat. */
function isFault({ status, body }: Answer): boolean {
  return status === 500 && !(isObject(body) && body.reason === undefined);
}

function askedPause(outcome: Answer | Broken): number {
  if ("failure" in outcome) return 0;
  return Math.min(outcome.retryAfterMs ?? 0, longestRetryAfterMs);
}
