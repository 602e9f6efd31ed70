/** What is learnt of a container by waiting and from events, and how much of it is said. */
import { expect, test } from "vitest";
import { crashing, eventAbout, now, rolloutWith, waiting } from "../../../test/health/objects.ts";
import { assess } from "../index.ts";

const image = "registry.test/web:2";

test("takes a missing Secret, ConfigMap or key for final after half a minute", () => {
  const words = [
    'secret "db" not found',
    'configmap "app" not found',
    "couldn't find key url in Secret shop/db",
    "configmap references non-existent config key: app.yaml",
  ];
  for (const message of words) {
    const evidence = rolloutWith(waiting("CreateContainerConfigError", message));
    // The pod was taken on by its kubelet 20 seconds before `now`.
    expect(assess(evidence, new Date(now.getTime() + 9_999)).state).toBe("inProgress");
    expect(assess(evidence, new Date(now.getTime() + 10_000)).message).toBe(
      `CreateContainerConfigError: pod web-5d4f-x2x, container web: ${message}`,
    );
  }
});

test("learns from the event why an older kubelet cannot pull", () => {
  const container = waiting("ImagePullBackOff", `Back-off pulling image "${image}"`);
  const failed = `Failed to pull image "${image}": dial tcp: lookup registry.test: no such host`;
  const verdict = assess(
    rolloutWith(container, (pod) => [eventAbout(pod, "Failed", failed)]),
    now,
  );
  expect(verdict).toMatchObject({
    state: "inProgress",
    cause: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}": ${failed}` },
  });
});

test("says what the readiness probe said", () => {
  const container = { name: "web", restartCount: 0, state: { running: { startedAt: "2026-11-21T02:29:50Z" } } };
  const words = "Readiness probe failed: HTTP probe failed with statuscode: 503";
  const verdict = assess(
    rolloutWith(container, (pod) => [eventAbout(pod, "Unhealthy", words, { container: "web" })]),
    now,
  );
  expect(verdict).toMatchObject({
    state: "inProgress",
    cause: { reason: "Unhealthy", message: words, container: "web" },
  });
});

test("has nothing to say while a container is being created", () => {
  expect(assess(rolloutWith(waiting("ContainerCreating", "")), now)).toEqual({
    state: "inProgress",
    message: "1 of 3 replicas updated",
  });
});

test("keeps a long or many-lined message to one line of 400 characters", () => {
  const verdict = assess(
    rolloutWith(crashing(4, { exitCode: 1, reason: "Error", message: `first\n${"x\u001b[31m ".repeat(400)}` })),
    now,
  );
  expect(verdict.message).not.toMatch(/\p{Cc}/u);
  expect("cause" in verdict && verdict.cause?.message.length).toBe(400);
});
