import { expect, it } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { createRateLimit } from "./rate-limit.ts";

const start = Date.parse("2026-11-21T12:00:00Z");

function refusal(work: () => void): Failure | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

it.each<[string, number, Record<string, string>, string]>([
  ["seconds", 429, { "retry-after": "30" }, "2026-11-21T12:00:30.000Z"],
  ["a date", 429, { "retry-after": "Sat, 21 Nov 2026 12:02:00 GMT" }, "2026-11-21T12:02:00.000Z"],
  [
    "GitHub's clock",
    403,
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(start / 1000 + 90) },
    "2026-11-21T12:01:30.000Z",
  ],
  [
    "GitLab's clock",
    429,
    { "ratelimit-remaining": "0", "ratelimit-reset": String(start / 1000 + 10) },
    "2026-11-21T12:00:10.000Z",
  ],
  ["nothing at all", 429, {}, "2026-11-21T12:01:00.000Z"],
  ["a clock that is years ahead", 429, { "ratelimit-reset": "4000000000" }, "2026-11-21T13:00:00.000Z"],
])("asks again when the server says by %s, and not before", (_, status, headers, at) => {
  let now = start;
  const rateLimit = createRateLimit("git.example.com", () => now);
  rateLimit.check();
  const failure = refusal(() => rateLimit.observe(status, new Headers(headers)));
  expect(failure?.code).toBe("ForgeBusy");
  expect(failure?.retryAt?.toISOString()).toBe(at);
  now = Date.parse(at) - 1;
  expect(refusal(() => rateLimit.check())?.code).toBe("ForgeBusy");
  now = Date.parse(at);
  expect(refusal(() => rateLimit.check())).toBeUndefined();
});

it("takes a good answer, and stops where it was the last one", () => {
  let now = start;
  const rateLimit = createRateLimit("git.example.com", () => now);
  const last = new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(start / 1000 + 60) });
  expect(refusal(() => rateLimit.observe(200, new Headers({ "x-ratelimit-remaining": "1" })))).toBeUndefined();
  expect(refusal(() => rateLimit.check())).toBeUndefined();
  expect(refusal(() => rateLimit.observe(200, last))).toBeUndefined();
  expect(refusal(() => rateLimit.check())?.retryAt?.getTime()).toBe(start + 60_000);
  now += 60_000;
  expect(refusal(() => rateLimit.check())).toBeUndefined();
});

it("does not take a missing right for a limit", () => {
  const rateLimit = createRateLimit("git.example.com", () => start);
  expect(refusal(() => rateLimit.observe(403, new Headers({ "x-ratelimit-remaining": "4000" })))).toBeUndefined();
  expect(refusal(() => rateLimit.check())).toBeUndefined();
});
