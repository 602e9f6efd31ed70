import { describe, expect, test } from "vitest";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { PromotionOutcome } from "../../promote/index.ts";
import { decidePromotion } from "./decision.ts";

const now = new Date("2026-11-21T12:00:00Z");
const at = (tries = 1) => ({ intervalMs: 60_000, now, tries });
const decided = (outcome: PromotionOutcome, tries = 1) => decidePromotion({ type: "outcome", outcome }, at(tries));
const request = { number: 7, url: "https://git.example.com/acme/environment/pulls/7", state: "open" } as const;
const evidence = { environment: "x/staging", revision: "main@sha1:a", digest: "d", since: "s" };
const open: PromotionOutcome = {
  ...{ action: "none", ready: "True", reason: "Proposed", message: "pull request #7 proposes", request, evidence },
};

describe("a look", () => {
  test("that finds all as it should be is told in the status, and to nobody", () => {
    expect(decided(open)).toEqual({
      status: {
        conditions: [
          { type: "Ready", status: "True", reason: "Proposed", message: "pull request #7 proposes" },
          { type: "Reconciling", status: "False", reason: "Proposed", message: "" },
          { type: "Stalled", status: "False", reason: "Proposed", message: "" },
        ],
        fields: { pullRequest: request, evidence },
      },
      event: undefined,
      requeueMs: 60_000,
      retries: false,
      settled: true,
    });
  });

  test.each([
    ["opened", "Proposed"],
    ["updated", "Updated"],
    ["closed", "Closed"],
    ["merged", "Merged"],
  ] as const)("that %s the pull request is an event", (action, reason) => {
    expect(decided({ ...open, action }).event).toMatchObject({ type: "Normal", reason });
  });

  test("that waits for time comes back when it is over, and is under way until then", () => {
    const until = new Date("2026-11-21T12:00:20Z");
    const soaking = decided({ ...open, ready: "Unknown", reason: "Soaking", until });
    expect(soaking.requeueMs).toBe(20_000);
    expect(soaking.status?.conditions).toContainEqual(expect.objectContaining({ type: "Reconciling", status: "True" }));
    expect(decided({ ...open, until: new Date("2026-11-22T12:00:00Z") }).requeueMs).toBe(60_000);
  });

  test("that finds the forge at work comes back soon, and less and less soon", () => {
    const next = [1, 2, 3, 9].map((tries) => decided({ ...open, requeueSoon: true }, tries).requeueMs);
    expect(next).toEqual([3_000, 6_000, 12_000, 60_000]);
  });

  test("that finds somebody's commit on the branch waits for a person", () => {
    const moved = decided({ ...open, ready: "False", reason: "HeadMoved" });
    expect(moved.status?.conditions).toContainEqual(expect.objectContaining({ type: "Stalled", status: "True" }));
    expect(moved.event).toMatchObject({ type: "Warning", reason: "HeadMoved" });
  });

  test("without a pull request takes the last one out of the status, and keeps the evidence", () => {
    const { status } = decided({ ...open, request: undefined, evidence: undefined });
    expect(status?.fields).toEqual({ pullRequest: null });
  });
});

describe("an error", () => {
  const failed = (code: FailureCode, tries = 1, retryAt?: Date) => {
    const failure = new Failure(code, { message: "gone" }, retryAt === undefined ? {} : { retryAt });
    return decidePromotion({ type: "failure", failure }, at(tries));
  };

  test("of the forge is tried again with growing pauses, and forgets nothing", () => {
    expect([1, 2, 3, 12].map((tries) => failed("ForgeUnreachable", tries).requeueMs)).toEqual([
      1_000, 2_000, 4_000, 60_000,
    ]);
    const { status, event } = failed("ForgeUnreachable");
    expect(status?.fields).toBeUndefined();
    expect(status?.conditions).toContainEqual({
      type: "Ready",
      status: "False",
      reason: "ForgeFailed",
      message: "gone",
    });
    expect(event).toEqual({ type: "Warning", reason: "ForgeFailed", message: "gone" });
  });

  test("of a forge that asks for patience is met with patience", () => {
    expect(failed("ForgeBusy", 1, new Date("2026-11-21T13:00:00Z")).requeueMs).toBe(3_600_000);
  });

  test("that only a person can mend waits for the interval", () => {
    expect(failed("ForgeDenied").requeueMs).toBe(60_000);
    expect(failed("SpecInvalid").status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Stalled", status: "True" }),
    );
  });
});
