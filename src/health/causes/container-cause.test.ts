/**
 * The causes a container shows, with the exact words. Reasons and messages are those of the kubelet: the pulls,
 * config errors and crash loops as test/support/control-plane/kubelet writes them, the others from the sources it names.
 */
import { expect, test } from "vitest";
import { crashing, now, rolloutWith, waiting } from "../../../test/health/objects.ts";
import type { Json } from "../../model/json/json.ts";
import { assess } from "../index.ts";

const image = "registry.test/web:2";
const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
const backOff = (error: string): string => `Back-off pulling image "${image}": ErrImagePull: ${error}`;
const exited = (exitCode: number, message = "", reason = "Error"): { [key: string]: Json } => ({
  exitCode,
  reason,
  message,
});

interface Row {
  readonly when: string;
  readonly container: Json;
  readonly reason: string;
  readonly says: string;
}

const certain: readonly Row[] = [
  {
    when: "the registry has no such image",
    container: waiting("ImagePullBackOff", backOff(notFound)),
    reason: "ImagePullBackOff",
    says: backOff(notFound),
  },
  {
    when: "the registry refuses",
    container: waiting(
      "ImagePullBackOff",
      backOff("pull access denied, repository does not exist or may require authorization"),
    ),
    reason: "ImagePullBackOff",
    says: backOff("pull access denied, repository does not exist or may require authorization"),
  },
  {
    when: "an older kubelet keeps the reason to itself",
    container: waiting("ImagePullBackOff", `Back-off pulling image "${image}"`),
    reason: "ImagePullBackOff",
    says: `Back-off pulling image "${image}"`,
  },
  {
    when: "the image is not on the node and must not be pulled",
    container: waiting("ErrImageNeverPull", `Container image "${image}" is not present with pull policy of Never`),
    reason: "ErrImageNeverPull",
    says: `Container image "${image}" is not present with pull policy of Never`,
  },
  {
    when: "the image's name is none",
    container: waiting(
      "InvalidImageName",
      'Failed to apply default image tag "Web:": couldn\'t parse image name "Web:": invalid reference format',
    ),
    reason: "InvalidImageName",
    says: 'Failed to apply default image tag "Web:": couldn\'t parse image name "Web:": invalid reference format',
  },
  {
    when: "the image runs as root and must not",
    container: waiting(
      "CreateContainerConfigError",
      'container has runAsNonRoot and image will run as root (pod: "web-5d4f-x2x_shop(1)", container: web)',
    ),
    reason: "CreateContainerConfigError",
    says: 'container has runAsNonRoot and image will run as root (pod: "web-5d4f-x2x_shop(1)", container: web)',
  },
  {
    when: "the command is not in the image",
    container: waiting("RunContainerError", 'exec: "serve": executable file not found in $PATH: unknown'),
    reason: "RunContainerError",
    says: 'exec: "serve": executable file not found in $PATH: unknown',
  },
  {
    when: "the command is not in the image, in back-off",
    container: crashing(1, exited(128, 'exec: "serve": executable file not found in $PATH', "StartError")),
    reason: "CrashLoopBackOff",
    says: 'exited with code 128 (1 restart): exec: "serve": executable file not found in $PATH',
  },
  {
    when: "a shell did not find the command",
    container: crashing(1, exited(127, "sh: serve: not found")),
    reason: "CrashLoopBackOff",
    says: "exited with code 127 (1 restart): sh: serve: not found",
  },
  {
    when: "five starts have failed",
    container: crashing(4, exited(1, "starting\nlistening on 8080\ncannot reach db:5432\n")),
    reason: "CrashLoopBackOff",
    says: "exited with code 1 (4 restarts): cannot reach db:5432",
  },
  {
    when: "it says nothing as it dies",
    container: crashing(5, exited(2)),
    reason: "CrashLoopBackOff",
    says: "exited with code 2 (5 restarts)",
  },
  {
    when: "it ran out of memory three times",
    container: crashing(2, exited(137, "", "OOMKilled")),
    reason: "OOMKilled",
    says: "killed for using more memory than its limit, exit code 137 (2 restarts)",
  },
];

test.each(certain)("fails at once when $when", ({ container, reason, says }) => {
  expect(assess(rolloutWith(container), now)).toEqual({
    state: "failed",
    message: `${reason}: pod web-5d4f-x2x, container web: ${says}`,
    cause: {
      object: { group: "apps", kind: "Deployment", namespace: "shop", name: "web" },
      reason,
      message: says,
      pod: "web-5d4f-x2x",
      container: "web",
    },
  });
});

const open: readonly Row[] = [
  {
    when: "the first pull failed",
    container: waiting("ErrImagePull", notFound),
    reason: "ErrImagePull",
    says: notFound,
  },
  {
    when: "the registry does not answer",
    container: waiting("ImagePullBackOff", backOff("dial tcp 10.0.0.9:443: i/o timeout")),
    reason: "ImagePullBackOff",
    says: backOff("dial tcp 10.0.0.9:443: i/o timeout"),
  },
  {
    when: "the registry is busy",
    container: waiting(
      "ImagePullBackOff",
      backOff("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"),
    ),
    reason: "ImagePullBackOff",
    says: backOff("429 Too Many Requests - toomanyrequests: You have reached your pull rate limit"),
  },
  {
    when: "the registry is broken",
    container: waiting(
      "ImagePullBackOff",
      backOff("unexpected status from HEAD request to /v2/web/manifests/2: 503 Service Unavailable"),
    ),
    reason: "ImagePullBackOff",
    says: backOff("unexpected status from HEAD request to /v2/web/manifests/2: 503 Service Unavailable"),
  },
  {
    when: "a Secret was not there twenty seconds ago",
    container: waiting("CreateContainerConfigError", 'secret "db" not found'),
    reason: "CreateContainerConfigError",
    says: 'secret "db" not found',
  },
  {
    when: "the kubelet has not seen a ConfigMap yet",
    container: waiting(
      "CreateContainerConfigError",
      "failed to sync configmap cache: timed out waiting for the condition",
    ),
    reason: "CreateContainerConfigError",
    says: "failed to sync configmap cache: timed out waiting for the condition",
  },
  {
    when: "it has crashed three times",
    container: crashing(3, exited(1, "cannot reach db:5432")),
    reason: "CrashLoopBackOff",
    says: "exited with code 1 (3 restarts): cannot reach db:5432",
  },
  {
    when: "it ran out of memory once",
    container: crashing(1, exited(137, "", "OOMKilled")),
    reason: "OOMKilled",
    says: "killed for using more memory than its limit, exit code 137 (1 restart)",
  },
  {
    when: "it has died and is not started again yet",
    container: { name: "web", restartCount: 0, state: { terminated: exited(3, "no licence") } },
    reason: "Error",
    says: "exited with code 3: no licence",
  },
  {
    when: "it runs again after a crash",
    container: {
      name: "web",
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: exited(3, "no licence") },
    },
    reason: "Error",
    says: "exited with code 3 (1 restart): no licence",
  },
  {
    when: "it runs and is not ready",
    container: { name: "web", ready: false, restartCount: 0, started: true, state: { running: {} } },
    reason: "NotReady",
    says: "it runs but is not ready",
  },
  {
    when: "its startup probe has not succeeded",
    container: { name: "web", ready: false, restartCount: 0, started: false, state: { running: {} } },
    reason: "NotReady",
    says: "it runs but has not started up yet",
  },
];

test.each(open)("leaves it to the deadline when $when, and says so", ({ container, reason, says }) => {
  const verdict = assess(rolloutWith(container), now);
  expect(verdict.state).toBe("inProgress");
  expect(verdict.message).toBe("1 of 3 replicas updated");
  expect("cause" in verdict && verdict.cause).toMatchObject({
    reason,
    message: says,
    pod: "web-5d4f-x2x",
    container: "web",
  });
});
