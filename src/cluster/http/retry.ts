import { createBackoff, pause } from "../../clock/index.ts";
import { isObject } from "../../model/json/json.ts";
import { abortable } from "../failures/abortable.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import type { ConnectionFailure } from "../failures/unreachable.ts";

/** Sends a request once; `fresh` asks for new credentials. The answer may be of whatever code. */
export type Attempt<A extends ApiResponse> = (fresh: boolean) => Promise<A | ConnectionFailure>;

const attempts = 5;
const pauses = { shortestMs: 100, longestMs: 2_000 };
const longestRetryAfterMs = 30_000;
/** No attempt begins later than this after the first: a server that hangs is not waited for five times. */
const longestMs = 60_000;

/**
 * Makes up to five attempts within a minute, with growing pauses or those of `Retry-After`. A request that may not be sent
 * twice is repeated only where the server cannot have acted on it: no connection, or a 429. Credentials that were refused
 * are renewed once. Returns the last answer, or throws the last connection failure.
 */
export async function retried<A extends ApiResponse>(
  attempt: Attempt<A>,
  repeatable: boolean,
  signal: AbortSignal,
): Promise<A> {
  const backoff = createBackoff(pauses);
  const started = performance.now();
  let fresh = false;
  for (let left = attempts - 1; ; left--) {
    const outcome: A | ConnectionFailure = await attempt(fresh);
    const expired: boolean = !("failure" in outcome) && outcome.status === 401 && !fresh;
    const over = left === 0 || performance.now() - started > longestMs;
    if (over || !(expired || mayTryAgain(outcome, repeatable))) {
      if ("failure" in outcome) throw outcome.failure;
      return outcome;
    }
    fresh ||= expired;
    if (!expired) await abortable(pause(Math.max(backoff.next(), retryAfter(outcome)), signal), signal);
  }
}

function mayTryAgain(outcome: ApiResponse | ConnectionFailure, repeatable: boolean): boolean {
  if ("failure" in outcome) return outcome.retry === "always" || (outcome.retry === "ifRepeatable" && repeatable);
  if (outcome.status === 429) return true;
  return repeatable && ([502, 503, 504].includes(outcome.status) || isFault(outcome));
}

/** A 500 without a reason is how server-side apply rejects an object that does not fit its schema: no use to repeat. */
function isFault({ status, body }: ApiResponse): boolean {
  return status === 500 && !(isObject(body) && body.reason === undefined);
}

function retryAfter(outcome: ApiResponse | ConnectionFailure): number {
  if ("failure" in outcome) return 0;
  return Math.min(outcome.retryAfterMs ?? 0, longestRetryAfterMs);
}
