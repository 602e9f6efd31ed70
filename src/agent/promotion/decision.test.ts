import { describe, expect, test } from "vitest";
import { Failure, type FailureCode } from "../../model/failure.ts";
import type { PromotionOutcome } from "../../promote/index.ts";
import { decidePromotion, decidePromotionError } from "./decision.ts";

const now = new Date("2026-11-21T12:00:00Z");
const at = (repeated = 0) => ({ intervalMs: 60_000, now, repeated });
const request = { number: 7, url: "https://git.example.com/acme/environment/pulls/7", state: "open" } as const;
const evidence = { environment: "x/staging", revision: "main@sha1:a", digest: "d", since: "s" };
const open: PromotionOutcome = {
  ...{ action: "none", ready: "True", reason: "Proposed", message: "pull request #7 proposes", request, evidence },
};

describe("a look", () => {
  test("that finds all as it should be is told in the status, and to nobody", () => {
    expect(decidePromotion(open, at())).toEqual({
      status: {
        conditions: [
          { type: "Ready", status: "True", reason: "Proposed", message: "pull request #7 proposes" },
          { type: "Reconciling", status: "False", reason: "Proposed", message: "" },
          { type: "Stalled", status: "False", reason: "Proposed", message: "" },
        ],
        fields: { pullRequest: request, evidence },
      },
      event: undefined,
      nextMs: 60_000,
    });
  });

  test.each([
    ["opened", "Proposed"],
    ["updated", "Updated"],
    ["closed", "Closed"],
    ["merged", "Merged"],
  ] as const)("that %s the pull request is an event", (action, reason) => {
    expect(decidePromotion({ ...open, action }, at()).event).toMatchObject({ type: "Normal", reason });
  });

  test("that waits for time comes back when it is over, and is under way until then", () => {
    const until = new Date("2026-11-21T12:00:20Z");
    const soaking = decidePromotion({ ...open, ready: "Unknown", reason: "Soaking", until }, at());
    expect(soaking.nextMs).toBe(20_000);
    expect(soaking.status.conditions).toContainEqual(expect.objectContaining({ type: "Reconciling", status: "True" }));
    expect(decidePromotion({ ...open, until: new Date("2026-11-22T12:00:00Z") }, at()).nextMs).toBe(60_000);
  });

  test("that finds the forge at work comes back soon, and less and less soon", () => {
    const next = [1, 2, 3, 9].map((repeated) => decidePromotion({ ...open, soon: true }, at(repeated)).nextMs);
    expect(next).toEqual([3_000, 6_000, 12_000, 60_000]);
  });

  test("that finds somebody's commit on the branch waits for a person", () => {
    const moved = decidePromotion({ ...open, ready: "False", reason: "HeadMoved" }, at());
    expect(moved.status.conditions).toContainEqual(expect.objectContaining({ type: "Stalled", status: "True" }));
    expect(moved.event).toMatchObject({ type: "Warning", reason: "HeadMoved" });
  });

  test("without a pull request takes the last one out of the status, and keeps the evidence", () => {
    const { fields } = decidePromotion({ ...open, request: undefined, evidence: undefined }, at()).status;
    expect(fields).toEqual({ pullRequest: null });
  });
});

describe("an error", () => {
  const decided = (code: FailureCode, repeated = 1, retryAt?: Date) =>
    decidePromotionError(
      new Failure(code, { message: "gone" }, retryAt === undefined ? {} : { retryAt }),
      at(repeated),
    );

  test("of the forge is tried again with growing pauses, and forgets nothing", () => {
    expect([1, 2, 3, 12].map((repeated) => decided("ForgeUnreachable", repeated).nextMs)).toEqual([
      1_000, 2_000, 4_000, 60_000,
    ]);
    const { status, event } = decided("ForgeUnreachable");
    expect(status.fields).toBeUndefined();
    expect(status.conditions).toContainEqual({
      type: "Ready",
      status: "False",
      reason: "ForgeFailed",
      message: "gone",
    });
    expect(event).toEqual({ type: "Warning", reason: "ForgeFailed", message: "gone" });
  });

  test("of a forge that asks for patience is met with patience", () => {
    expect(decided("ForgeBusy", 1, new Date("2026-11-21T13:00:00Z")).nextMs).toBe(3_600_000);
  });

  test("that only a person can mend waits for the interval", () => {
    expect(decided("ForgeDenied").nextMs).toBe(60_000);
    expect(decided("SpecInvalid").status.conditions).toContainEqual(
      expect.objectContaining({ type: "Stalled", status: "True" }),
    );
  });
});
