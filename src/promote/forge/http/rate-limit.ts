import { Failure } from "../../../model/failure.ts";

/** The rate limit of a server. */
export interface RateLimit {
  /** Throws `Failure` (ForgeBusy) while the server must not be asked. */
  readonly check: () => void;
  /** Notes what a response says of its limits. Throws `Failure` (ForgeBusy) where the answer is a refusal for that reason. */
  readonly observe: (status: number, headers: Headers) => void;
}

/** Where a server does not say how long, as GitHub's documentation asks for secondary limits. */
const usualPauseMs = 60_000;
/** No limit lasts longer; a clock that is wrong must not silence Mooring for ever. */
const longestPauseMs = 3_600_000;

/**
 * Follows the rate limit of one server. Upstream: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api,
 * https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
 */
export function createRateLimit(host: string, now: () => number = Date.now): RateLimit {
  let until = 0;
  const busy = () =>
    new Failure(
      "ForgeBusy",
      {
        message: `${host} limits the rate of requests; the next request is sent after ${new Date(until).toISOString()}`,
      },
      { retryAt: new Date(until) },
    );
  return {
    check() {
      if (now() < until) throw busy();
    },
    observe(status, headers) {
      const refused = status === 429 || (status === 403 && isLimit(headers));
      if (!refused && !isUsedUp(headers)) return;
      const wait = pauseMs(headers, now()) ?? (refused ? usualPauseMs : 0);
      until = now() + Math.min(wait, longestPauseMs);
      if (refused) throw busy();
    },
  };
}

/** A 403 is a limit where it says so; otherwise it is a missing right. */
function isLimit(headers: Headers): boolean {
  return headers.has("retry-after") || isUsedUp(headers);
}

function isUsedUp(headers: Headers): boolean {
  return ["x-ratelimit-remaining", "ratelimit-remaining"].some((name) => headers.get(name) === "0");
}

/** `Retry-After` in seconds or as a date (RFC 9110), or else when the limit begins anew, in seconds since 1970. */
function pauseMs(headers: Headers, now: number): number | undefined {
  const after = headers.get("retry-after");
  if (after !== null && /^\d+$/.test(after)) return Number(after) * 1000;
  const date = after === null ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const reset = Number(headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? Number.NaN);
  return Number.isNaN(reset) ? undefined : Math.max(0, reset * 1000 - now);
}
