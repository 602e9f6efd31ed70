import { describe, expect, test } from "vitest";
import type { Condition, ConditionType } from "../../api/conditions.ts";
import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import type { EnvironmentStatus, HistoryEntry } from "../../api/environment/environment-status.ts";
import { failedIn, proofKey, proofOf } from "./proof.ts";

const commit = "a".repeat(40);
const other = "b".repeat(40);
const revision = `main@sha1:${commit}`;
const at = (minute: number) => `2026-11-21T12:${String(minute).padStart(2, "0")}:00.000Z`;

const condition = (type: ConditionType, status: Condition["status"], minute = 0, message = ""): Condition => ({
  type,
  status,
  reason: "Succeeded",
  message,
  lastTransitionTime: at(minute),
  observedGeneration: 3,
});

const rollout = (of: string, outcome: HistoryEntry["outcome"], minute: number): HistoryEntry => ({
  revision: `main@sha1:${of}`,
  digest: `digest-of-${of[0]}`,
  outcome,
  started: at(minute),
  finished: at(minute),
});

const good: EnvironmentStatus = {
  observedGeneration: 3,
  conditions: [condition("Ready", "True"), condition("Healthy", "True"), condition("Drifted", "False")],
  lastAttemptedRevision: revision,
  lastAppliedRevision: revision,
  lastHealthyRevision: revision,
  history: [rollout(commit, "Succeeded", 10)],
};

function environment(status: EnvironmentStatus, more: { spec?: object; metadata?: object } = {}): Environment {
  const metadata = { name: "staging", namespace: "mooring-system", generation: 3, ...more.metadata };
  const spec = { source: { url: "https://git.example.com/acme/environment.git" }, path: ".", ...more.spec };
  return readEnvironment({ metadata, spec, status });
}

const proof = (status: EnvironmentStatus, soakMs = 0, minute = 30) =>
  proofOf(environment(status), soakMs, new Date(at(minute)));

describe("what an environment proves", () => {
  test("the revision in it, since its rollout ended", () => {
    expect(proof(good)).toEqual({
      type: "proven",
      commit,
      evidence: { environment: "mooring-system/staging", revision, digest: "digest-of-a", since: at(10) },
    });
  });

  test("only when it has been healthy for long enough, counted from the last recovery", () => {
    const twenty = 20 * 60_000;
    expect(proof(good, twenty, 29)).toMatchObject({ type: "soaking", until: new Date(at(30)), commit });
    expect(proof(good, twenty, 30)).toMatchObject({ type: "proven" });
    const recovered = { ...good, conditions: [condition("Ready", "True"), condition("Healthy", "True", 25)] };
    expect(proof(recovered, twenty, 30)).toMatchObject({ type: "soaking", until: new Date(at(45)) });
    expect(proof(recovered, 0, 30)).toMatchObject({ type: "proven", evidence: { since: at(25) } });
  });

  test("a commit that changed nothing here by what was rolled out before it", () => {
    const next = { ...good, lastAppliedRevision: `main@sha1:${other}`, lastHealthyRevision: `main@sha1:${other}` };
    expect(proof(next)).toMatchObject({
      type: "proven",
      commit: other,
      evidence: { revision: `main@sha1:${other}`, digest: "digest-of-a", since: at(10) },
    });
  });

  test("a commit that took back a bad one, since going back ended", () => {
    const history = [rollout(other, "RolledBack", 20), rollout("c".repeat(40), "Succeeded", 10)];
    expect(proof({ ...good, history })).toMatchObject({
      type: "proven",
      commit,
      evidence: { digest: "digest-of-c", since: at(20) },
    });
  });

  const unhealthy = [condition("Ready", "True"), condition("Healthy", "False", 20, "web has no pods")];
  const notReady = [condition("Ready", "False", 20, "cannot be fetched"), condition("Healthy", "True")];
  const drifted = [condition("Ready", "True"), condition("Healthy", "True"), condition("Drifted", "True")];
  test.each<[string, EnvironmentStatus, RegExp]>([
    ["nothing rolled out", {}, /spec has changed/],
    [
      "no health yet",
      { observedGeneration: 3, conditions: [condition("Ready", "True")] },
      /not healthy: no rollout has become healthy/,
    ],
    ["ill", { ...good, conditions: unhealthy }, /not healthy: web has no pods/],
    ["not ready", { ...good, conditions: notReady }, /not ready: cannot be fetched/],
    ["drifted", { ...good, conditions: drifted }, /has drifted/],
    ["rolling out", { ...good, attempt: { revision, generation: 3, started: at(20) } }, /is being rolled out/],
    ["an edited spec", { ...good, observedGeneration: 2 }, /spec has changed/],
    ["rolled back", { ...good, lastAppliedRevision: `main@sha1:${other}` }, /not its last healthy one/],
    ["failed", { ...good, failedRevision: revision }, /failed before/],
    ["failed when tried again", { ...good, history: [rollout(commit, "Failed", 20)] }, /failed before/],
    ["no history", { ...good, history: [] }, /nothing has been rolled out/],
  ])("nothing: %s", (_, status, message) => {
    expect(proof(status)).toEqual({ type: "unproven", message: expect.stringMatching(message) });
  });

  test.each<[string, { spec?: object; metadata?: object }, RegExp]>([
    ["suspended", { spec: { suspend: true } }, /suspended/],
    ["pinned", { metadata: { annotations: { "mooring.dev/pin": revision } } }, /pinned/],
    ["on its way out", { metadata: { deletionTimestamp: at(20) } }, /being deleted/],
  ])("nothing while it is %s", (_, more, message) => {
    const found = proofOf(environment(good, more), 0, new Date(at(30)));
    expect(found).toEqual({ type: "unproven", message: expect.stringMatching(message) });
  });
});

test("a revision has failed where its last rollout did, and not where it succeeded afterwards", () => {
  const tried = (...history: HistoryEntry[]) => failedIn({ status: { history } }, commit);
  expect(tried(rollout(commit, "RolledBack", 20), rollout(commit, "Succeeded", 10))).toBe(true);
  expect(tried(rollout(commit, "Succeeded", 20), rollout(commit, "Failed", 10))).toBe(false);
  expect(tried(rollout(other, "Failed", 20))).toBe(false);
});

test("the key of a proof changes with what a proof depends on, and with nothing else", () => {
  const key = proofKey(environment(good));
  const inventory = { entries: [{ id: "shop_web_apps_Deployment", v: "v1" }] };
  expect(proofKey(environment({ ...good, inventory, lastFetched: at(40) }))).toBe(key);
  expect(proofKey(environment({ ...good, failedRevision: revision }))).not.toBe(key);
  expect(proofKey(environment(good, { spec: { suspend: true } }))).not.toBe(key);
});
