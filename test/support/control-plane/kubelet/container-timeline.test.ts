import { expect, test } from "vitest";
import { type ContainerPlan, containerAt, fateOf } from "./container-timeline.ts";

test.each([
  ["nginx", { kind: "after", ms: 300 }],
  ["nginx:1.27", { kind: "after", ms: 300 }],
  ["registry.example.com:5000/team/nginx", { kind: "after", ms: 300 }],
  ["registry.example.com:5000/team/nginx:missing", { kind: "missing" }],
  ["nginx:missing-2", { kind: "missing" }],
  ["nginx:crash@sha256:0123", { kind: "crash" }],
  ["nginx:fail", { kind: "crash" }],
  ["nginx:oom", { kind: "oom" }],
  ["nginx:unready", { kind: "unready" }],
  ["nginx:slow-5s", { kind: "after", ms: 5_000 }],
  ["nginx:slow-250ms-b", { kind: "after", ms: 250 }],
  ["crash:1.0", { kind: "after", ms: 300 }],
])("the fate of %s", (image, fate) => {
  expect(fateOf(image)).toEqual(fate);
});

const created = new Date("2026-01-01T00:00:00Z");

function plan(tag: string, change: Partial<ContainerPlan> = {}): ContainerPlan {
  return { name: "web", image: `app:${tag}`, ends: false, restarts: true, podLabel: "pod=web_shop(1)", ...change };
}

/** Every different state up to the tenth second, by following `next`, in words. */
function story(of: ContainerPlan): readonly string[] {
  const told: string[] = [];
  for (let at: number | undefined = 0; at !== undefined && at < 10_000; ) {
    const { state, ready, restartCount, lastState, next } = containerAt(of, created, at);
    const now = state.waiting?.reason ?? state.terminated?.reason ?? "Running";
    const last = lastState?.terminated?.exitCode;
    told.push(
      [now, ready && "ready", restartCount > 0 && `#${restartCount}`, last && `was ${last}`].filter(Boolean).join(" "),
    );
    at = next;
  }
  return told;
}

test.each<[string, Partial<ContainerPlan>, readonly string[]]>([
  ["1.0", {}, ["ContainerCreating", "Running", "Running ready"]],
  ["1.0", { ends: true, restarts: false }, ["ContainerCreating", "Running ready", "Completed"]],
  ["unready", {}, ["ContainerCreating", "Running"]],
  ["missing", {}, ["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]],
  ["fail", { ends: true, restarts: false }, ["ContainerCreating", "Running", "Error"]],
  ["oom", { ends: true, restarts: false }, ["ContainerCreating", "Running", "OOMKilled"]],
  [
    "crash",
    {},
    [
      "ContainerCreating",
      "Running",
      "Running #1 was 1",
      "CrashLoopBackOff #1 was 1",
      "Running #2 was 1",
      "CrashLoopBackOff #2 was 1",
      "Running #3 was 1",
      "CrashLoopBackOff #3 was 1",
      "Running #4 was 1",
      "CrashLoopBackOff #4 was 1",
    ],
  ],
])("the story of :%s with %o", (tag, change, told) => {
  expect(story(plan(tag, change))).toEqual(told);
});

test("a container killed for its memory says so while it waits to be started again", () => {
  const { state, lastState } = containerAt(plan("oom"), created, 1_000);
  expect(state.waiting).toEqual({
    reason: "CrashLoopBackOff",
    message: "back-off 1s restarting failed container=web pod=web_shop(1)",
  });
  expect(lastState?.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
});
