import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/properties/property-runs.ts";
import { decide, type HeadBranch, type RequestState, type Situation } from "./decide.ts";
import type { Proof } from "./proof.ts";

const commit = "a".repeat(40);
const older = "b".repeat(40);
const evidence = { environment: "mooring-system/staging", revision: `main@sha1:${commit}`, digest: "d", since: "s" };
const until = new Date("2026-11-21T12:00:00Z");
const proven: Proof = { type: "proven", commit, evidence };
const soaking: Proof = { type: "soaking", commit, evidence, until };
const unproven: Proof = { type: "unproven", message: "the environment is suspended" };

const head = (sha: string, more: Partial<HeadBranch> = {}): HeadBranch => ({ sha, ours: true, failed: false, ...more });
const request = (state: RequestState["state"], headSha: string, retired = false): RequestState => ({
  ...{ number: 7, state, headSha, retired },
});
const situation = (more: Partial<Situation>): Situation => ({
  ...{ proof: proven, branch: "production", contained: false, head: undefined, request: undefined },
  ...more,
});

describe("what is done", () => {
  test.each<[string, Partial<Situation>, object]>([
    ["proven, nothing open", {}, { type: "propose" }],
    ["left from the last one", { head: head(older), request: request("merged", older) }, { type: "propose" }],
    ["open, older", { head: head(older), request: request("open", older) }, { type: "update", number: 7 }],
    ["open, right", { head: head(commit), request: request("open", commit) }, { type: "keep", number: 7 }],
    [
      "open, right, and the forge has not heard of it",
      { head: head(commit), request: request("open", older) },
      { type: "keep", number: 7 },
    ],
    ["nothing to promote", { contained: true }, { type: "nothing", reason: "UpToDate" }],
    [
      "nothing to promote any more",
      { contained: true, head: head(commit), request: request("open", commit) },
      { type: "close", number: 7 },
    ],
    ["soaking", { proof: soaking }, { type: "wait", reason: "Soaking", until }],
    ["soaking, and there already", { proof: soaking, contained: true }, { type: "nothing", reason: "UpToDate" }],
    [
      "soaking, older one open",
      { proof: soaking, head: head(older), request: request("open", older) },
      { type: "wait", reason: "Soaking" },
    ],
    ["not proven", { proof: unproven }, { type: "wait", reason: "NotProven", until: undefined }],
    [
      "not proven, open",
      { proof: unproven, head: head(older, { ours: false }), request: request("open", older) },
      { type: "wait", reason: "NotProven" },
    ],
    [
      "the proposed one failed",
      { proof: unproven, head: head(older, { failed: true }), request: request("open", older) },
      { type: "close", number: 7 },
    ],
    ["declined", { head: head(commit), request: request("closed", commit) }, { type: "nothing", reason: "Declined" }],
    ["declined, but newer now", { head: head(older), request: request("closed", older) }, { type: "propose" }],
    ["closed by Mooring", { head: head(commit), request: request("closed", commit, true) }, { type: "propose" }],
    [
      "somebody's commit on the branch",
      { head: head(older, { ours: false }), request: request("open", older) },
      { type: "wait", reason: "HeadMoved" },
    ],
    ["the same, nothing open", { head: head(older, { ours: false }) }, { type: "wait", reason: "HeadMoved" }],
  ])("%s", (_, more, expected) => {
    expect(decide(situation(more))).toMatchObject(expected);
  });
});

describe("whatever the situation", () => {
  const shas = fc.constantFrom(commit, older);
  const situations: fc.Arbitrary<Situation> = fc.record({
    proof: fc.constantFrom(proven, soaking, unproven),
    branch: fc.constant("production"),
    contained: fc.boolean(),
    head: fc.option(fc.record({ sha: shas, ours: fc.boolean(), failed: fc.boolean() }), { nil: undefined }),
    request: fc.option(
      fc.record({
        number: fc.constant(7),
        state: fc.constantFrom("open", "closed", "merged"),
        headSha: shas,
        retired: fc.boolean(),
      }),
      { nil: undefined },
    ),
  });
  const always = (name: string, holds: (s: Situation, d: ReturnType<typeof decide>) => boolean) =>
    test(name, () =>
      fc.assert(
        fc.property(situations, (s) => holds(s, decide(s))),
        { numRuns: propertyRuns(300) },
      ),
    );

  always("only what is proven is proposed", (s, d) => {
    return !["propose", "update", "keep"].includes(d.type) || (s.proof.type === "proven" && !s.contained);
  });
  always("a second pull request is never opened beside an open one", (s, d) => {
    return d.type !== "propose" || s.request?.state !== "open";
  });
  always("nobody else's commit is overwritten", (s, d) => {
    const moves = d.type === "propose" || d.type === "update";
    return !moves || s.head === undefined || s.head.ours || s.head.sha === commit;
  });
  always("only what is open is updated, kept or closed", (s, d) => {
    return !("number" in d) || (s.request?.state === "open" && d.number === s.request.number);
  });
  always("what failed is not left open", (s, d) => {
    return !(s.request?.state === "open" && s.head?.failed === true) || d.type === "close";
  });
});

test("branches and revisions are code where it says why it closes", () => {
  const proof: Proof = { type: "proven", commit, evidence: { ...evidence, revision: `x/@octocat@sha1:${commit}` } };
  const closing = { proof, branch: "rel-`@octocat`<img/src=x>", contained: true, request: request("open", commit) };
  expect(decide(situation(closing))).toMatchObject({
    type: "close",
    message: "Nothing to promote: `` rel-`@octocat`<img/src=x> `` has revision `x/@octocat@sha1:aaaaaaa`.",
  });
});
