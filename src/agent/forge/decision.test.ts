import { describe, expect, test } from "vitest";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { PullRequest } from "../../promote/index.ts";
import { decideFollower } from "./decision.ts";

const at = { intervalMs: 60_000, now: new Date("2026-01-01T00:00:00Z"), tries: 1 };
const request = { number: 7, url: "https://git.example.com/pulls/7", state: "open" } as PullRequest;

describe("an outcome", () => {
  test.each(["opened", "closed"] as const)("that %s a pull request is an event each time", (action) => {
    const decision = decideFollower({ type: "outcome", outcome: { action, request, settled: true } }, at);
    expect(decision).toMatchObject({ status: undefined, requeueMs: undefined });
    expect(decision.event).toEqual({
      ...{ type: "Normal", reason: "RevertProposed", recurring: true },
      message: `${action} the pull request ${request.url}`,
    });
  });

  test("in which nothing was done is none, and waits for a change of the Environment", () => {
    const nothing = { status: undefined, event: undefined, requeueMs: undefined };
    expect(decideFollower({ type: "outcome", outcome: undefined }, at)).toEqual(nothing);
    const outcome = { action: "none", request, settled: false } as const;
    expect(decideFollower({ type: "outcome", outcome }, at)).toEqual(nothing);
  });
});

describe("a failure", () => {
  test.each<readonly [FailureCode, number, number]>([
    ["ForgeUnreachable", 1, 2_000],
    ["ForgeUnreachable", 4, 16_000],
    ["ForgeUnreachable", 20, 60_000],
    ["ForgeDenied", 1, 60_000],
  ])("%s, try %i: %i ms", (code, tries, expected) => {
    const failure = new Failure(code, { message: "no" });
    const decision = decideFollower({ type: "failure", failure }, { ...at, tries });
    expect(decision.requeueMs).toBe(expected);
    expect(decision.event).toEqual({
      ...{ type: "Warning", reason: "ForgeFailed", message: "no", standalone: true, failure },
    });
  });
});
