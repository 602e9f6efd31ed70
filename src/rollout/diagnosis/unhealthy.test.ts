/**
 * What people read when a rollout fails: the exact words for every cause. The words of the kubelet, the scheduler and the API
 * server are those that src/health's tests name the sources of.
 */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  ago,
  alone,
  crashing,
  eventAbout,
  now,
  object,
  podOf,
  replicaSetOf,
  rollingDeployment,
  rolloutWith,
  waiting,
} from "../../../test/health/objects.ts";
import { assess, type Evidence } from "../../health/index.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";
import { Failure } from "../../model/failure.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import type { LogSource } from "./last-lines.ts";
import { type LogTarget, type Unhealthy, unhealthyFailure } from "./unhealthy.ts";

const never = new AbortController().signal;
const image = "registry.test/web:2";
const notFound = `${image}: not found`;
const pod = "pod web-5d4f-x2x";
const container = `${pod}, container web`;

/** How a rollout ends by what is known of an object: at once where that is certain, else at the deadline. */
function unhealthy(evidence: Evidence): Unhealthy {
  const verdict = assess(evidence, now);
  const { apiVersion, kind, metadata } = evidence.object;
  const id = { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? "", name: metadata.name };
  const origin = { file: "base/web.yaml", line: 3, chain: ["overlays/prod/kustomization.yaml"] };
  const code = verdict.state === "failed" ? "HealthFailed" : "HealthTimeout";
  return { code, objects: [{ object: { id, apiVersion, origin }, verdict }] };
}

/** A pod of the newest ReplicaSet with this status. */
function withPod(status: JsonObject, events: (pod: KubeObject) => readonly KubeObject[] = () => []): Evidence {
  const deployment = rollingDeployment();
  const newest = replicaSetOf(deployment, "5d4f");
  const broken = podOf(newest, status);
  return { object: deployment, pods: [broken], related: [newest], events: events(broken) };
}

/** No pod could be made, in the API server's words. */
function refused(words: string, seconds = 61): Evidence {
  const deployment = rollingDeployment();
  const message = `pods "web-5d4f-7bcjw" is forbidden: ${words}`;
  const condition = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message };
  const status = { conditions: [{ ...condition, lastTransitionTime: ago(seconds) }] };
  return { object: deployment, pods: [], events: [], related: [replicaSetOf(deployment, "5d4f", { status })] };
}

function failedJob(): Evidence {
  const message = "Job has reached the specified backoff limit";
  const status = { conditions: [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message }] };
  const job = object("batch/v1", "Job", { status });
  const terminated = { exitCode: 1, reason: "Error", message: "no such table" };
  return {
    ...alone(job),
    pods: [podOf(job, { phase: "Failed", containerStatuses: [{ name: "web", state: { terminated } }] })],
  };
}

const unschedulable =
  "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
const podSecurity =
  'violates PodSecurity "restricted:latest": runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)';

const table: readonly (readonly [code: Unhealthy["code"], says: string, evidence: Evidence])[] = [
  [
    "HealthFailed",
    `Deployment/shop/web: ImagePullBackOff: ${container}: Back-off pulling image "${image}": ErrImagePull: ${notFound}`,
    rolloutWith(waiting("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${notFound}`)),
  ],
  [
    "HealthFailed",
    `Deployment/shop/web: ErrImageNeverPull: ${container}: Container image "${image}" is not present with pull policy of Never`,
    rolloutWith(waiting("ErrImageNeverPull", `Container image "${image}" is not present with pull policy of Never`)),
  ],
  [
    "HealthFailed",
    `Deployment/shop/web: CrashLoopBackOff: ${container}: exited with code 1 (4 restarts): cannot reach db:5432`,
    rolloutWith(crashing(4, { exitCode: 1, reason: "Error", message: "cannot reach db:5432" })),
  ],
  [
    "HealthFailed",
    `Deployment/shop/web: OOMKilled: ${container}: killed for using more memory than its limit, exit code 137 (2 restarts)`,
    rolloutWith(crashing(2, { exitCode: 137, reason: "OOMKilled" })),
  ],
  [
    "HealthTimeout",
    `Deployment/shop/web: Unschedulable: ${pod}: ${unschedulable}`,
    withPod({
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: unschedulable }],
    }),
  ],
  [
    "HealthTimeout",
    `Deployment/shop/web: CreateContainerConfigError: ${container}: configmap "app" not found`,
    rolloutWith(waiting("CreateContainerConfigError", 'configmap "app" not found')),
  ],
  [
    "HealthTimeout",
    `Deployment/shop/web: CreateContainerConfigError: ${container}: secret "db" not found`,
    rolloutWith(waiting("CreateContainerConfigError", 'secret "db" not found')),
  ],
  [
    "HealthFailed",
    'Deployment/shop/web: ServiceAccountMissing: error looking up service account shop/robot: serviceaccount "robot" not found',
    refused('error looking up service account shop/robot: serviceaccount "robot" not found'),
  ],
  [
    "HealthFailed",
    "Deployment/shop/web: QuotaExceeded: exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1",
    refused("exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1"),
  ],
  ["HealthFailed", `Deployment/shop/web: PodSecurityViolation: ${podSecurity}`, refused(podSecurity)],
  [
    "HealthFailed",
    'Deployment/shop/web: AdmissionDenied: admission webhook "policy.test" denied the request: images must be signed',
    refused('admission webhook "policy.test" denied the request: images must be signed'),
  ],
  [
    "HealthTimeout",
    `Deployment/shop/web: NotReady: ${container}: it runs but is not ready`,
    rolloutWith({ name: "web", ready: false, restartCount: 0, started: true, state: { running: {} } }),
  ],
  [
    "HealthTimeout",
    `Deployment/shop/web: Unhealthy: ${container}: Readiness probe failed: HTTP probe failed with statuscode: 503`,
    withPod({ containerStatuses: [{ name: "web", restartCount: 0, state: { running: {} } }] }, (broken) => [
      eventAbout(broken, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", {
        container: "web",
      }),
    ]),
  ],
  [
    "HealthFailed",
    "Job/shop/web: BackoffLimitExceeded: pod web-x2x, container web: Job has reached the specified backoff limit; the last pod exited with code 1: no such table",
    failedJob(),
  ],
];

/** Of a cluster that gives no logs. */
const mute: LogTarget = { cluster: { podLogs: () => Promise.reject(new Failure("Forbidden", { message: "no" })) } };

test.each(table)("%s: %s", async (code, says, evidence) => {
  const failure = await unhealthyFailure(mute, unhealthy(evidence), [], never);
  expect(failure).toMatchObject({ code, message: `base/web.yaml:3: ${says}` });
  expect(failure.problems[0]?.chain).toEqual(["overlays/prod/kustomization.yaml"]);
});

describe("the last lines of the log", () => {
  const crashed = unhealthy(rolloutWith(crashing(4, { exitCode: 1, reason: "Error" })));
  const said = `base/web.yaml:3: Deployment/shop/web: CrashLoopBackOff: ${container}: exited with code 1 (4 restarts)`;

  function logging(text: (previous: boolean) => Promise<string>) {
    const asked: (readonly [string, boolean | undefined])[] = [];
    const cluster: LogSource = {
      podLogs(of, { container: name, previous }) {
        asked.push([`${of.namespace}/${of.name}/${name}`, previous]);
        return text(previous === true);
      },
    };
    return { cluster, asked };
  }

  test("are of the run that crashed, and stand at the end", async () => {
    const { cluster, asked } = logging(async () => "starting\nno way in\n");
    const failure = await unhealthyFailure({ cluster }, crashed, [], never);
    expect(asked).toEqual([["shop/web-5d4f-x2x/web", true]]);
    expect(failure.problems[0]?.logs).toEqual(["starting", "no way in"]);
    expect(failure.message).toBe(`${said}; its log ends: no way in`);
  });

  test("are of the present run where there is no other", async () => {
    const { cluster, asked } = logging((previous) =>
      previous ? Promise.reject(new Failure("NotFound", { message: "none" })) : Promise.resolve("x\n"),
    );
    const failure = await unhealthyFailure({ cluster }, crashed, [], never);
    expect(asked.map(([, previous]) => previous)).toEqual([true, false]);
    expect(failure.problems[0]?.logs).toEqual(["x"]);
  });

  test("are masked, and so are words of the program in the cause", async () => {
    const { cluster } = logging(async () => "token hunter2-or-so\n");
    const told = unhealthy(rolloutWith(crashing(4, { exitCode: 1, reason: "Error", message: "bad hunter2-or-so" })));
    const hiddenValues = async () => ["hunter2-or-so"];
    expect((await unhealthyFailure({ cluster, hiddenValues }, told, [], never)).message).toBe(
      `${said}: bad ***; its log ends: token ***`,
    );
    const asShort = unhealthy(rolloutWith(crashing(4, { exitCode: 1, reason: "Error", message: "bad pin 42" })));
    expect((await unhealthyFailure(mute, asShort, ["42"], never)).message).toBe(said);
  });

  test("are left out where it cannot be told what to mask, or nothing is known of the object's Secrets", async () => {
    const { cluster, asked } = logging(async () => "token hunter2\n");
    const hiddenValues = () => Promise.reject(new Failure("Forbidden", { message: "no" }));
    expect((await unhealthyFailure({ cluster, hiddenValues }, crashed, [], never)).message).toBe(said);
    expect((await unhealthyFailure({ cluster }, crashed, undefined, never)).message).toBe(said);
    expect(asked).toEqual([]);
  });

  test("are not waited for longer than two seconds, and not at all when the wait is interrupted", async () => {
    const hanging: LogSource = {
      podLogs: (_pod, _options, signal) => untilAborted(new Promise<string>(() => undefined), signal),
    };
    const timedOut = new DOMException("the time is up", "TimeoutError");
    const limit = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => AbortSignal.abort(timedOut));
    onTestFinished(() => limit.mockRestore());
    expect((await unhealthyFailure({ cluster: hanging }, crashed, [], never)).message).toBe(said);
    expect(limit.mock.calls).toEqual([[2_000]]);
    limit.mockRestore();
    const interrupted = new AbortController();
    const waiting = unhealthyFailure({ cluster: hanging }, crashed, [], interrupted.signal);
    interrupted.abort();
    expect((await waiting).message).toBe(said);
  });
});
