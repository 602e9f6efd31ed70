import { describe, expect, it } from "vitest";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { Failure } from "../../../model/failure.ts";
import { type SourceState, withSource } from "./source-status.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";
const earlier = "fedcba9876543210fedcba9876543210fedcba98";
const fetchedAt = new Date("2026-11-21T12:00:00.123Z");
const lost = new Failure("SourceUnreachable", { message: "cannot reach https://git.example.com/a: no route" });

type Known = NonNullable<SourceState["known"]>;
// Of what was fetched, only the revision is told.
const known = (rewrittenFrom?: string): Known =>
  ({ revision: { ref: "main", commit }, ...(rewrittenFrom === undefined ? {} : { rewrittenFrom }) }) as Known;
const state = (some: Partial<SourceState>): SourceState => ({
  known: undefined,
  failure: undefined,
  remoteFailure: undefined,
  fetchedAt: undefined,
  ...some,
});
const told = (some: Partial<SourceState>, before: EnvironmentStatus = {}) => {
  const { conditions, fields } = withSource({}, state(some), before);
  return { ...conditions?.[0], ...fields };
};

describe("what the status says of the repository", () => {
  it("is its revision, and when it was fetched", () => {
    expect(told({ known: known(), fetchedAt })).toEqual({
      type: "SourceReady",
      status: "True",
      reason: "Succeeded",
      message: "fetched main@sha1:0123456",
      lastFetched: "2026-11-21T12:00:00Z",
    });
  });

  it("does not change from interval to interval", () => {
    const { type, status, reason, message } = told({ known: known(), fetchedAt });
    const at = { lastTransitionTime: "2026-11-21T12:00:00Z", observedGeneration: 1 };
    const before = { conditions: [{ type, status, reason, message, ...at }] } as EnvironmentStatus;
    const later = told({ known: known(), fetchedAt: new Date("2026-11-21T13:00:00Z") }, before);
    expect(later).not.toHaveProperty("lastFetched");
  });

  it("is that the branch was rewritten", () => {
    expect(told({ known: known(earlier), fetchedAt }).message).toBe(
      "fetched main@sha1:0123456; the branch main was rewritten: fedcba9 is no longer part of it, and 0123456 is followed",
    );
  });

  it("is what was known last, while it cannot be fetched", () => {
    expect(told({ known: known(), failure: lost, fetchedAt })).toMatchObject({
      status: "False",
      reason: "SourceFailed",
      message:
        "cannot reach https://git.example.com/a: no route; fetched last at 2026-11-21T12:00:00Z: main@sha1:0123456; what is in the cluster is kept",
      lastFetched: "2026-11-21T12:00:00Z",
    });
  });

  it("is what the status remembers, after a restart", () => {
    const before = { lastFetched: "2026-11-20T08:00:00Z", lastAttemptedRevision: `main@sha1:${earlier}` };
    expect(told({ failure: lost }, before)).toMatchObject({
      message: expect.stringContaining("fetched last at 2026-11-20T08:00:00Z: main@sha1:fedcba9"),
      lastFetched: "2026-11-20T08:00:00Z",
    });
    expect(told({ failure: lost }).message).toContain("nothing was fetched before");
  });

  it("is that something elsewhere cannot be fetched", () => {
    expect(told({ known: known(), remoteFailure: lost, fetchedAt })).toMatchObject({
      status: "False",
      message: "cannot reach https://git.example.com/a: no route; what was fetched before is used",
    });
  });
});
