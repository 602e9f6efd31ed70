import { expect, it } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { createPatience } from "./rate-limit.ts";

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
  const patience = createPatience("git.example.com", () => now);
  patience.check();
  const failure = refusal(() => patience.heed(status, new Headers(headers)));
  expect(failure?.code).toBe("ForgeBusy");
  expect(failure?.retryAt?.toISOString()).toBe(at);
  now = Date.parse(at) - 1;
  expect(refusal(() => patience.check())?.code).toBe("ForgeBusy");
  now = Date.parse(at);
  expect(refusal(() => patience.check())).toBeUndefined();
});

it("takes a good answer, and stops where it was the last one", () => {
  let now = start;
  const patience = createPatience("git.example.com", () => now);
  const last = new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(start / 1000 + 60) });
  expect(refusal(() => patience.heed(200, new Headers({ "x-ratelimit-remaining": "1" })))).toBeUndefined();
  expect(refusal(() => patience.check())).toBeUndefined();
  expect(refusal(() => patience.heed(200, last))).toBeUndefined();
  expect(refusal(() => patience.check())?.retryAt?.getTime()).toBe(start + 60_000);
  now += 60_000;
  expect(refusal(() => patience.check())).toBeUndefined();
});

it("does not take a missing right for a limit", () => {
  const patience = createPatience("git.example.com", () => start);
  expect(refusal(() => patience.heed(403, new Headers({ "x-ratelimit-remaining": "4000" })))).toBeUndefined();
  expect(refusal(() => patience.check())).toBeUndefined();
});
