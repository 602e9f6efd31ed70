import { describe, expect, it } from "vitest";
import type { NewCondition } from "../api/conditions.ts";
import type { EnvironmentStatus, HistoryEntry } from "../api/environment/environment-status.ts";
import { statusContext, wantedStatuses } from "./commit-status.ts";

const sha = (digit: string) => digit.repeat(40);
const revision = (digit: string) => `main@sha1:${sha(digit)}`;
const at = { lastTransitionTime: "2026-11-21T12:00:00Z", observedGeneration: 1 };
const healthy = (status: "True" | "False", message = ""): NewCondition => ({
  type: "Healthy",
  status,
  reason: status === "True" ? "Succeeded" : "HealthFailed",
  message,
});
const notReady = (reason: NewCondition["reason"], message: string): NewCondition => ({
  type: "Ready",
  status: "False",
  reason,
  message,
});
const kept = "healthy, and kept while bbbbbbb is not rolled out";
const conditions = (...all: readonly NewCondition[]) => all.map((each) => ({ ...each, ...at }));
const ended = (digit: string, outcome: HistoryEntry["outcome"], message?: string): HistoryEntry => ({
  revision: revision(digit),
  digest: "",
  outcome,
  ...(message === undefined ? {} : { message }),
  started: "2026-11-21T11:59:00Z",
  finished: "2026-11-21T12:00:00Z",
});
const words = (status: EnvironmentStatus) =>
  Object.fromEntries(
    wantedStatuses({ status }, "mooring/shop").map((each) => [
      each.sha[0],
      `${each.status.state}: ${each.status.description}`,
    ]),
  );
const calm = (digit: string) => ({ lastAppliedRevision: revision(digit), lastHealthyRevision: revision(digit) });

describe("what an Environment says of its commits", () => {
  it.each<[string, EnvironmentStatus, Record<string, string>]>([
    ["nothing yet", {}, {}],
    [
      "one under way",
      {
        ...calm("a"),
        attempt: { revision: revision("b"), generation: 1, started: "2026-11-21T12:00:00Z" },
        lastAppliedRevision: revision("b"),
        conditions: conditions(healthy("True")),
      },
      { b: "pending: being rolled out" },
    ],
    [
      "one that failed and is rolled back",
      {
        ...calm("a"),
        lastAppliedRevision: revision("b"),
        failedRevision: revision("b"),
        attempt: { revision: revision("b"), generation: 1, started: "x", failed: "y", cause: "no image" },
      },
      { b: "failure: failed, and is rolled back: no image" },
    ],
    [
      "one that was rolled back, and the one that is back",
      {
        ...calm("a"),
        failedRevision: revision("b"),
        conditions: conditions(healthy("True")),
        history: [ended("b", "RolledBack", "no image"), ended("a", "Succeeded")],
      },
      { a: "success: healthy", b: "failure: rolled back: no image" },
    ],
    [
      "one that failed with nothing to go back to",
      {
        lastAppliedRevision: revision("b"),
        failedRevision: revision("b"),
        conditions: conditions(healthy("False", "no image")),
        history: [ended("b", "Failed", "no image")],
      },
      { b: "failure: no image" },
    ],
    [
      "one that failed, and succeeded when it was tried again",
      {
        ...calm("b"),
        conditions: conditions(healthy("True")),
        history: [ended("b", "Succeeded"), ended("b", "RolledBack", "no node")],
      },
      { b: "success: healthy" },
    ],
    [
      "one that fell ill, and its predecessors",
      {
        ...calm("c"),
        conditions: conditions(healthy("False", "Deployment/shop/web: 0 of 1 ready")),
        history: [ended("c", "Succeeded"), ended("b", "Succeeded")],
      },
      { b: "success: healthy when it was rolled out", c: "failure: unhealthy: Deployment/shop/web: 0 of 1 ready" },
    ],
    [
      "one that waits for an approval",
      {
        ...calm("a"),
        lastAttemptedRevision: revision("b"),
        conditions: conditions(healthy("True"), notReady("DeletionHeld", "deletes 12 of 20"), {
          type: "Held",
          status: "True",
          reason: "DeletionHeld",
          message: "deletes 12 of 20",
        }),
      },
      { a: `success: ${kept}`, b: "pending: waits for an approval: deletes 12 of 20" },
    ],
    ...(["RenderFailed", "UnsealFailed", "ValidationFailed", "AccessDenied"] as const).map(
      (reason): [string, EnvironmentStatus, Record<string, string>] => [
        `one that is refused before anything is written: ${reason}`,
        {
          ...calm("a"),
          lastAttemptedRevision: revision("b"),
          conditions: conditions(healthy("True"), notReady(reason, "app/web.yaml:3: is not a mapping")),
        },
        { a: `success: ${kept}`, b: "failure: app/web.yaml:3: is not a mapping" },
      ],
    ),
    [
      "the very first one, refused",
      { lastAttemptedRevision: revision("b"), conditions: conditions(notReady("RenderFailed", "no such folder")) },
      { b: "failure: no such folder" },
    ],
    [
      "one that waits for a dependency",
      {
        ...calm("a"),
        lastAttemptedRevision: revision("b"),
        conditions: conditions(healthy("True"), notReady("DependencyNotReady", "infrastructure is not ready")),
      },
      { a: `success: ${kept}`, b: "pending: infrastructure is not ready" },
    ],
    [
      "one that waits for the schedule",
      {
        ...calm("a"),
        lastAttemptedRevision: revision("a"),
        waitingRevision: revision("b"),
        conditions: conditions(healthy("True"), {
          type: "Held",
          status: "True",
          reason: "OutsideSchedule",
          message: "revision main@sha1:bbbbbbb waits for the schedule, which opens at 2026-11-23T08:00:00.000Z",
        }),
      },
      {
        a: `success: ${kept}`,
        b: "pending: revision main@sha1:bbbbbbb waits for the schedule, which opens at 2026-11-23T08:00:00.000Z",
      },
    ],
    [
      "one whose signature is not accepted",
      {
        ...calm("a"),
        refusedRevision: revision("b"),
        conditions: conditions(healthy("True"), {
          type: "SourceReady",
          status: "False",
          reason: "SourceFailed",
          message: "commit bbbbbbb is not signed",
        }),
      },
      { a: `success: ${kept}`, b: "failure: commit bbbbbbb is not signed" },
    ],
    [
      "one that is there, while its base cannot be asked for",
      {
        lastAppliedRevision: `${revision("a")}+bases:0123456789ab`,
        lastHealthyRevision: `${revision("a")}+bases:0123456789ab`,
        lastAttemptedRevision: revision("a"),
        conditions: conditions(healthy("True"), notReady("SourceFailed", "no route")),
      },
      { a: "success: healthy" },
    ],
  ])("%s", (_, status, expected) => {
    expect(words(status)).toEqual(expected);
  });

  it("names whose word it is, and leaves out what goes without saying", () => {
    const agent = { clusterName: undefined, namespace: "mooring-system" };
    expect(statusContext({ name: "shop", namespace: "mooring-system" }, agent)).toBe("mooring/shop");
    expect(statusContext({ name: "shop", namespace: "team-a" }, agent)).toBe("mooring/team-a:shop");
    const named = { ...agent, clusterName: "eu" };
    expect(statusContext({ name: "shop", namespace: "mooring-system" }, named)).toBe("mooring/eu/shop");
    const sameWord = { ...agent, clusterName: "team-a" };
    expect(statusContext({ name: "shop", namespace: "mooring-system" }, sameWord)).toBe("mooring/team-a/shop");
  });
});
