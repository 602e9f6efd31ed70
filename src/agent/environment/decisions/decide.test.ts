/** Every outcome with every input that matters: conditions, fields, event, and when the next pass is made. */
import { describe, expect, test } from "vitest";
import type { NewCondition } from "../../../api/conditions.ts";
import { readEnvironment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { Failure } from "../../../model/failure.ts";
import type { Plan, PlannedAction } from "../../../model/plan.ts";
import type { Ended } from "../../kernel/decision.ts";
import { decideEnvironment, type EnvironmentDecisionInput, type PassOutcome } from "./decide.ts";

const { spec } = readEnvironment({
  metadata: { name: "e", namespace: "n" },
  spec: { source: { url: "https://git.invalid/e" }, interval: "1m", retryInterval: "10s" },
});
const revision = `main@sha1:${"a".repeat(40)}`;
const older = `main@sha1:${"b".repeat(40)}`;
const started = new Date("2026-01-01T00:00:00Z");
const now = new Date("2026-01-01T00:01:00Z");
const attempt = { revision, generation: 1, started: "2026-01-01T00:00:30.000Z" };
const inventory = { entries: [{ id: "shop_web_apps_Deployment", v: "v1" }] };
const id = (name: string) => ({ group: "", kind: "ConfigMap", namespace: "shop", name });
const planned = (name: string, action: PlannedAction["action"]): PlannedAction => ({
  ...{ id: id(name), version: "v1", stage: "", action },
});
const drifted = planned("a", {
  type: "update",
  changes: [{ path: "/data/x", from: "2", to: "1", manager: "kubectl" }],
});
const plan: Plan = { actions: [], digest: "d" };
const held: Plan = {
  actions: [],
  digest: "d1",
  hold: { reason: "would delete 2 of 3 objects", objects: [id("a"), id("b")] },
};
const cause = new Failure("HealthFailed", { object: "Deployment/shop/web", message: "crashes", logs: ["boom"] });
const refused = new Failure("AdmissionDenied", { object: "ConfigMap/shop/old", message: "not on a Friday" });
const healthy = { healthy: true, message: "1 object is healthy" };
const undone = { kept: [], pruneFailure: undefined };
const maintained: Extract<PassOutcome, { type: "maintained" }> = {
  type: "maintained",
  ...{ revision, behind: false, corrected: [], drifted: [], inventory, health: healthy, ...undone },
};
const rolledOut = { type: "rolledOut", revision, plan, inventory, ...undone } as const;
const rolledBack: Extract<PassOutcome, { type: "rolledBack" }> = {
  type: "rolledBack",
  ...{ failed: revision, to: older, cause, inventory, plan, pruneFailure: undefined },
};
const before: EnvironmentStatus = {
  ...{ failedReason: "RolledBack", failedMessage: "revision a failed", failedRevision: revision, attempt },
};

function decided(ended: Ended<PassOutcome>, more: Partial<EnvironmentDecisionInput> = {}) {
  const at = {
    spec,
    pinned: false,
    before: {},
    attempted: revision,
    started,
    now,
    tries: 1,
    source: undefined,
    ...more,
  };
  const { status, event, requeueMs } = decideEnvironment(ended, at);
  const conditions = status?.conditions?.map(shown);
  return { conditions, fields: status?.fields, event, requeueMs };
}

const shown = ({ type, status, reason, message }: NewCondition) =>
  `${type}=${status} ${reason}${message === "" ? "" : `: ${message}`}`;
const follows = (outcome: PassOutcome, more: Partial<EnvironmentDecisionInput> = {}) =>
  decided({ type: "outcome", outcome }, more);
const short = "main@sha1:aaaaaaa";
const applied = `applied revision ${short}, 1 objects`;
const waiting = "waiting for a new commit, a changed spec, or mooring reconcile";
const ready = [`Ready=True Succeeded: ${applied}`, "Reconciling=False Succeeded", "Stalled=False Succeeded"];
const noDrift = "Drifted=False NoDrift";
const notHeld = "Held=False NotHeld";

describe("conditions after", () => {
  test.each<readonly [string, PassOutcome, Partial<EnvironmentDecisionInput>, readonly string[] | undefined]>([
    ["a rollout", rolledOut, {}, [...ready, "Healthy=True Succeeded: 1 objects are healthy", noDrift, notHeld]],
    [
      "a rollout of a pinned revision",
      rolledOut,
      { pinned: true },
      [
        `Ready=True Pinned: ${applied}; pinned until mooring resume`,
        ...["Reconciling=False Succeeded", "Stalled=False Succeeded", "Healthy=True Succeeded: 1 objects are healthy"],
        ...[noDrift, notHeld],
      ],
    ],
    [
      "a pass that kept everything",
      maintained,
      {},
      [...ready, notHeld, `Healthy=True Succeeded: ${healthy.message}`, noDrift],
    ],
    [
      "drift that is only reported",
      { ...maintained, drifted: [drifted] },
      {},
      [
        `Ready=True Succeeded: ${applied}; drifted: ConfigMap/shop/a differs from the repository`,
        ...["Reconciling=False Succeeded", "Stalled=False Succeeded", notHeld],
        `Healthy=True Succeeded: ${healthy.message}`,
        "Drifted=True Drifted: 1 objects differ from the repository: ConfigMap/shop/a",
      ],
    ],
    [
      "objects that became unhealthy by themselves",
      { ...maintained, health: { healthy: false, message: "Deployment/shop/web crashes" } },
      {},
      [
        "Ready=False HealthFailed: Deployment/shop/web crashes",
        ...["Reconciling=False HealthFailed", "Stalled=False HealthFailed", notHeld],
        "Healthy=False HealthFailed: Deployment/shop/web crashes",
        noDrift,
      ],
    ],
    [
      "keeping what is behind a failed revision: why it stands still is said again",
      { ...maintained, revision: older, behind: true },
      { before },
      [
        "Ready=False RolledBack: revision a failed",
        "Reconciling=False RolledBack",
        `Stalled=True RolledBack: ${waiting}`,
        `Healthy=True Succeeded: ${healthy.message}`,
        noDrift,
      ],
    ],
    [
      "keeping what is behind an error or the schedule: that is said elsewhere",
      { ...maintained, behind: true },
      {},
      [`Healthy=True Succeeded: ${healthy.message}`, noDrift],
    ],
    [
      "a held plan",
      { type: "held", revision, plan: held },
      {},
      [
        "Ready=False DeletionHeld: would delete 2 of 3 objects: ConfigMap/shop/a, ConfigMap/shop/b; approve with: mooring approve, or annotate mooring.dev/approve: d1",
        ...["Reconciling=False DeletionHeld", "Stalled=False DeletionHeld"],
        "Held=True DeletionHeld: would delete 2 of 3 objects: ConfigMap/shop/a, ConfigMap/shop/b; approve with: mooring approve, or annotate mooring.dev/approve: d1",
      ],
    ],
    [
      "a rollback",
      rolledBack,
      { before: { attempt } },
      [
        `Ready=False RolledBack: revision ${short} failed: Deployment/shop/web: crashes; its log ends: boom; rolled back to main@sha1:bbbbbbb, which is healthy`,
        "Reconciling=False RolledBack",
        `Stalled=True RolledBack: ${waiting}`,
        "Healthy=True Succeeded: 1 objects are healthy",
        noDrift,
      ],
    ],
    [
      "a rollback that failed too",
      { type: "rollbackFailed", failed: revision, to: older, cause: refused, rollbackCause: cause },
      {},
      [
        `Ready=False RollbackFailed: revision ${short} failed: ConfigMap/shop/old: not on a Friday; the rollback to main@sha1:bbbbbbb failed too: Deployment/shop/web: crashes; its log ends: boom`,
        "Reconciling=False RollbackFailed",
        `Stalled=True RollbackFailed: ${waiting}`,
        "Healthy=False RollbackFailed: Deployment/shop/web: crashes; its log ends: boom",
      ],
    ],
    ["a pass without anything to do", { type: "idle" }, {}, undefined],
    ["a pass while it is suspended", { type: "suspended" }, {}, undefined],
    ["its deletion", { type: "deleted" }, {}, undefined],
    ["a revision that failed before, of which nothing is known any more", { type: "stopped" }, {}, []],
    [
      "a revision that failed before",
      { type: "stopped" },
      { before },
      [
        "Ready=False RolledBack: revision a failed",
        "Reconciling=False RolledBack",
        `Stalled=True RolledBack: ${waiting}`,
      ],
    ],
  ])("%s", (_what, outcome, more, expected) => {
    expect(follows(outcome, more).conditions).toEqual(expected);
  });

  test.each<readonly [string, Partial<EnvironmentDecisionInput>, string]>([
    ["there was none before", {}, "there is no healthy revision to go back to"],
    ["rollback is off", { spec: { ...spec, rollback: "off" } }, "rollback is off"],
    [
      "it is pinned",
      { pinned: true, spec: { ...spec, rollback: "off" } },
      "it is pinned, so nothing else is rolled out before mooring rollback --to or mooring resume",
    ],
  ])("a failure without a rollback, because %s", (_why, more, why) => {
    const { conditions } = follows({ type: "failed", failed: revision, cause: refused }, more);
    expect(conditions?.[0]).toBe(
      `Ready=False ValidationFailed: revision ${short} failed: ConfigMap/shop/old: not on a Friday; ${why}`,
    );
    expect(conditions?.at(-1)).toBe("Healthy=False ValidationFailed: ConfigMap/shop/old: not on a Friday");
  });
});

describe("fields after", () => {
  const times = { started: attempt.started, finished: "2026-01-01T00:01:00.000Z" };
  const cleared = {
    failedRevision: null,
    failedGeneration: null,
    failedReason: null,
    failedMessage: null,
    failedProblems: null,
  };

  test("a rollout: it is the healthy revision, and nothing of a failure or an attempt is left", () => {
    expect(follows(rolledOut, { before: { attempt } }).fields).toEqual({
      ...{ lastAttemptedRevision: revision, lastAppliedRevision: revision, lastHealthyRevision: revision },
      ...cleared,
      ...{ waitingRevision: null, problems: null, attempt: null, pendingDigest: null, drift: null, inventory },
      history: [{ revision, digest: "d", outcome: "Succeeded", ...times }],
    });
  });

  test("a pass that kept everything", () => {
    expect(follows(maintained).fields).toEqual({
      ...{ lastAttemptedRevision: revision, lastAppliedRevision: revision, lastHealthyRevision: revision },
      ...cleared,
      ...{ waitingRevision: null, problems: null, pendingDigest: null, drift: null, inventory },
    });
  });

  test("a pass that kept what is unhealthy: that is no healthy revision", () => {
    const { fields } = follows({ ...maintained, health: { healthy: false, message: "crashes" } });
    expect(fields).not.toHaveProperty("lastHealthyRevision");
    expect(fields).toMatchObject({ lastAppliedRevision: revision });
  });

  test("a pass that kept what is behind: the revisions stay as they are", () => {
    expect(follows({ ...maintained, behind: true }).fields).toEqual({ problems: null, drift: null, inventory });
  });

  test("drift: what was seen before keeps its time", () => {
    const since = "2025-12-31T00:00:00Z";
    const seen = { object: "ConfigMap/shop/a", path: "/data/x", since };
    const { fields } = follows({ ...maintained, drifted: [drifted] }, { before: { drift: [seen] } });
    expect(fields?.drift).toEqual([{ ...seen, want: "1", live: "2", manager: "kubectl" }]);
  });

  test("a held plan", () => {
    const { fields } = follows({ type: "held", revision, plan: held });
    expect(fields).toEqual({
      lastAttemptedRevision: revision,
      waitingRevision: null,
      pendingDigest: "d1",
      problems: null,
    });
  });

  test("a deletion that is held: its revisions stay", () => {
    const { fields, conditions } = follows({ type: "deletionHeld", plan: held });
    expect(fields).toEqual({ pendingDigest: "d1", problems: null });
    expect(conditions?.at(-1)).toMatch(
      /^Held=True DeletionHeld: the Environment is being deleted, and with it .*Orphan$/,
    );
  });

  test("a rollback: the older revision is in the cluster, and the history says why", () => {
    const { fields } = follows(rolledBack, { before: { attempt } });
    expect(fields).toMatchObject({
      ...{ lastAppliedRevision: older, attempt: null, problems: null, failedReason: "RolledBack", inventory },
      failedProblems: [{ object: "Deployment/shop/web", message: "crashes", logs: ["boom"] }],
      history: [{ revision, digest: "d", outcome: "RolledBack", ...times }],
    });
  });

  test("a rollback that could not delete everything: the attempt goes on", () => {
    const { fields } = follows({ ...rolledBack, pruneFailure: refused }, { before: { attempt } });
    expect(fields).toMatchObject({ attempt, problems: [{ message: "not on a Friday" }] });
  });

  test("a failure without a rollback", () => {
    const { fields } = follows({ type: "failed", failed: revision, cause }, { before: { attempt } });
    expect(fields).toMatchObject({
      attempt: null,
      failedReason: "HealthFailed",
      history: [{ outcome: "Failed", digest: "" }],
    });
    expect(fields).not.toHaveProperty("lastAppliedRevision");
  });
});

describe("events after", () => {
  test.each<readonly [string, PassOutcome, Partial<EnvironmentDecisionInput>, object | undefined]>([
    ["the first rollout: only in the log", rolledOut, {}, { reason: "Succeeded", logOnly: true }],
    [
      "a later rollout",
      rolledOut,
      { before: { history: [{ revision: older, digest: "d", outcome: "Succeeded", started: "s", finished: "f" }] } },
      { type: "Normal", reason: "Succeeded", message: applied, logOnly: false },
    ],
    ["a pass that kept everything: none", maintained, {}, undefined],
    ["drift that is only reported: none", { ...maintained, drifted: [drifted] }, {}, undefined],
    [
      "drift that was corrected: each time",
      { ...maintained, corrected: [drifted] },
      {},
      { reason: "DriftCorrected", message: "corrected drift: ConfigMap/shop/a", recurring: true },
    ],
    [
      "a rollback: with the log of what crashed",
      rolledBack,
      {},
      { type: "Warning", reason: "RolledBack", logs: ["boom"] },
    ],
    ["a held plan", { type: "held", revision, plan: held }, {}, { type: "Warning", reason: "DeletionHeld" }],
    [
      "a failure",
      { type: "failed", failed: revision, cause: refused },
      {},
      { type: "Warning", reason: "ValidationFailed" },
    ],
    ["a failure that was told before: none", { type: "stopped" }, { before }, undefined],
    ["nothing to do: none", { type: "idle" }, {}, undefined],
    ["its deletion: none", { type: "abandoned" }, {}, undefined],
  ])("%s", (_what, outcome, more, expected) => {
    const { event } = follows(outcome, more);
    if (expected === undefined) expect(event).toBeUndefined();
    else expect(event).toMatchObject(expected);
  });
});

describe("the next pass after", () => {
  test.each<readonly [string, PassOutcome, number | undefined]>([
    ["a rollout: the interval", rolledOut, 60_000],
    ["a rollout that could not delete everything: the retry interval", { ...rolledOut, pruneFailure: refused }, 10_000],
    ["nothing to do: the interval", { type: "idle" }, 60_000],
    ["a failure: the interval", { type: "failed", failed: revision, cause }, 60_000],
    ["a deletion that is held: the interval", { type: "deletionHeld", plan: held }, 60_000],
    ["a rollback that could not delete everything", { ...rolledBack, pruneFailure: refused }, 10_000],
    ["a pass while it is suspended: a trigger", { type: "suspended" }, undefined],
    ["its deletion: none", { type: "deleted" }, undefined],
  ])("%s", (_what, outcome, expected) => {
    expect(follows(outcome).requeueMs).toBe(expected);
  });

  test("a retry never comes later than the interval", () => {
    const slow = { ...spec, retryInterval: "5m" };
    expect(follows({ ...rolledOut, pruneFailure: refused }, { spec: slow }).requeueMs).toBe(60_000);
  });
});

describe("what is known of the repository", () => {
  const source = {
    known: undefined,
    failure: new Failure("SourceUnreachable", { message: "away" }),
    remoteFailure: undefined,
    fetchedAt: undefined,
  };

  test.each<readonly [string, Ended<PassOutcome>]>([
    ["an outcome", { type: "outcome", outcome: maintained }],
    ["a pass without anything to do", { type: "outcome", outcome: { type: "idle" } }],
    ["an error", { type: "failure", failure: source.failure }],
  ])("is said with %s", (_what, ended) => {
    expect(decided(ended, { source }).conditions).toContain(
      "SourceReady=False SourceFailed: away; nothing was fetched before",
    );
  });

  test.each<PassOutcome>([{ type: "deletionHeld", plan: held }, { type: "suspended" }])(
    "is not said where the repository was not asked: $type",
    (outcome) => {
      expect(follows(outcome, { source }).conditions?.some((each) => each.startsWith("SourceReady")) ?? false).toBe(
        false,
      );
    },
  );
});
