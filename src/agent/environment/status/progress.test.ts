/** What the status says before a pass goes on, by value. */
import { describe, expect, test } from "vitest";
import type { Condition } from "../../../api/conditions.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { Failure } from "../../../model/failure.ts";
import type { StatusChange } from "../decisions/decision.ts";
import { decideProgress, type Progress, writeProgress } from "./progress.ts";

const revision = `main@sha1:${"a".repeat(40)}`;
const short = "main@sha1:aaaaaaa";
const now = new Date("2026-01-01T00:00:00Z");
const begun = "2025-12-31T23:59:00.000Z";
const attempt = { revision, generation: 2, started: begun };
const condition = (type: Condition["type"], status: Condition["status"], reason: Condition["reason"]): Condition => ({
  ...{ type, status, reason, message: "", lastTransitionTime: begun, observedGeneration: 1 },
});
const inventory = { entries: [{ id: "shop_web_apps_Deployment", v: "v1" }] };
const id = { group: "", kind: "ConfigMap", namespace: "shop", name: "a" };
const create = { id, version: "v1", stage: "", action: { type: "create" } } as const;
const found = { ...create, action: { type: "update", changes: [], found: true } } as const;

const decided = (progress: Progress, before: EnvironmentStatus = {}) =>
  decideProgress(progress, { before, generation: 2, now });
const shown = (change: StatusChange | undefined) =>
  change?.conditions?.map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`);

const rolling = (message: string) => [
  `Ready=Unknown Progressing: ${message}`,
  `Reconciling=True Progressing: ${message}`,
  "Stalled=False Progressing: ",
  `Healthy=Unknown Progressing: ${message}`,
];

describe("conditions", () => {
  test.each<readonly [string, Progress, EnvironmentStatus, readonly string[]]>([
    [
      "suspended in the middle of a rollout: nothing goes on, and how to go on",
      { type: "suspended" },
      { conditions: [condition("Reconciling", "True", "Progressing")], attempt },
      [
        `Ready=Unknown Suspended: suspended while revision ${short} was being rolled out; mooring resume continues it`,
        `Reconciling=False Suspended: suspended while revision ${short} was being rolled out; mooring resume continues it`,
        "Stalled=False Suspended: ",
      ],
    ],
    [
      "resumed: the rollout goes on",
      { type: "resumed" },
      { conditions: [condition("Ready", "Unknown", "Suspended")], lastAttemptedRevision: revision },
      rolling(`rolling out revision ${short}`),
    ],
    ["asked for", { type: "requested", request: "1" }, {}, ["Reconciling=True Progressing: reconcile requested"]],
    [
      "outside the schedule",
      { type: "outsideSchedule", revision, opens: new Date("2026-01-02T08:00:00Z") },
      {},
      [`Held=True OutsideSchedule: revision ${short} waits for the schedule, which opens at 2026-01-02T08:00:00.000Z`],
    ],
    [
      "a held deletion that was approved",
      { type: "deletionApproved" },
      { conditions: [condition("Held", "True", "DeletionHeld")] },
      ["Held=False NotHeld: "],
    ],
    [
      "begun",
      { type: "rolloutBegun", revision, inventory, plan: { actions: [] } },
      {},
      rolling(`rolling out revision ${short}`),
    ],
    [
      "failed, and being rolled back",
      { type: "rolloutFailed", revision, cause: new Failure("HealthFailed", { message: "crashes" }), at: now },
      { attempt },
      rolling(`revision ${short} failed: crashes`),
    ],
  ])("%s", (_what, progress, before, expected) => {
    expect(shown(decided(progress, before))).toEqual(expected);
  });
});

describe("nothing is written", () => {
  test.each<readonly [string, Progress, EnvironmentStatus]>([
    [
      "suspended while nothing was under way",
      { type: "suspended" },
      { conditions: [condition("Reconciling", "False", "Succeeded")] },
    ],
    ["suspended before anything was known", { type: "suspended" }, {}],
    ["not suspended before", { type: "resumed" }, { conditions: [condition("Ready", "True", "Succeeded")] }],
    ["the path of the webhook is the same", { type: "webhookPath", path: "/hook/1" }, { webhookPath: "/hook/1" }],
    ["there is no webhook, and was none", { type: "webhookPath", path: undefined }, {}],
    ["no deletion was held", { type: "deletionApproved" }, { conditions: [condition("Held", "False", "NotHeld")] }],
  ])("where %s", (_what, progress, before) => {
    expect(decided(progress, before)).toBeUndefined();
  });

  test("and no request is made", async () => {
    const write = () => Promise.reject(new Error("written"));
    const environment = { metadata: { name: "e", namespace: "n" } };
    const status = { current: {}, write };
    const { signal } = new AbortController();
    await expect(writeProgress({ environment, status }, { type: "resumed" }, signal)).resolves.toBeUndefined();
  });
});

describe("fields", () => {
  const noFailure = { failedReason: null, failedMessage: null, failedProblems: null };

  test.each<readonly [string, Progress, EnvironmentStatus, object]>([
    ["a webhook came", { type: "webhookPath", path: "/hook/1" }, {}, { webhookPath: "/hook/1" }],
    ["a webhook went", { type: "webhookPath", path: undefined }, { webhookPath: "/hook/1" }, { webhookPath: null }],
    ["a revision waits", { type: "outsideSchedule", revision, opens: now }, {}, { waitingRevision: revision }],
    ["objects are owned before they are touched", { type: "owned", inventory }, {}, { inventory }],
    [
      "a request: what failed may be tried again",
      { type: "requested", request: "7" },
      { failedRevision: revision },
      { lastHandledRequest: "7", failedRevision: null, failedGeneration: null, attempt: null, ...noFailure },
    ],
    [
      "a request in the middle of going back: the attempt begins again",
      { type: "requested", request: "7" },
      { attempt: { ...attempt, failed: begun, cause: "crashes" } },
      {
        ...{ lastHandledRequest: "7", failedRevision: null, failedGeneration: null, ...noFailure },
        attempt: { ...attempt, started: "2026-01-01T00:00:00.000Z" },
      },
    ],
    [
      "a rollout: its objects and its attempt, from now on",
      { type: "rolloutBegun", revision, inventory, plan: { actions: [create] } },
      { lastHealthyRevision: "main@sha1:0" },
      {
        ...{ observedGeneration: 2, lastAttemptedRevision: revision, lastAppliedRevision: revision, inventory },
        ...{ waitingRevision: null, problems: null },
        attempt: { ...attempt, started: "2026-01-01T00:00:00.000Z", created: ["shop_a__ConfigMap"] },
      },
    ],
    [
      "a rollout that goes on: since when it began",
      { type: "rolloutBegun", revision, inventory, plan: { actions: [] } },
      { attempt },
      {
        ...{ observedGeneration: 2, lastAttemptedRevision: revision, lastAppliedRevision: revision, inventory },
        ...{ waitingRevision: null, problems: null, attempt },
      },
    ],
    [
      "what was to be created and is there",
      { type: "objectFound", revision, planned: found },
      { attempt: { ...attempt, created: ["shop_a__ConfigMap"] }, lastHealthyRevision: "main@sha1:0" },
      { attempt: { ...attempt, found: ["shop_a__ConfigMap"], created: ["shop_a__ConfigMap"] } },
    ],
    [
      "a failure: under which spec, why, and since when",
      { type: "rolloutFailed", revision, cause: new Failure("HealthFailed", { message: "crashes" }), at: now },
      { attempt },
      {
        ...{ lastAttemptedRevision: revision, lastAppliedRevision: revision },
        ...{ failedRevision: revision, failedGeneration: 2, failedProblems: [{ message: "crashes" }] },
        attempt: { ...attempt, failed: "2026-01-01T00:00:00.000Z", cause: "crashes" },
      },
    ],
  ])("%s", (_what, progress, before, expected) => {
    expect(decided(progress, before)?.fields).toEqual(expected);
  });
});
