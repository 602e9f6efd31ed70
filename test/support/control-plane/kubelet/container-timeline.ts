/**
 * What happens to a container in the course of time, told by the tag of its image. A function of the time since it was
 * created and of nothing else, so a kubelet that lost its memory would tell the same story.
 *
 * Words and exit codes are those of the real kubelet (kubernetes/kubernetes `pkg/kubelet/kuberuntime`, `pkg/kubelet/images`);
 * its pauses (10 s, doubled up to 5 min) are a tenth and less here.
 */
import type { V1ContainerState } from "@kubernetes/client-node";

/** `after`: it works, and is ready (or, if it is to end, has ended) so many milliseconds after its start. */
export type Fate =
  | { readonly kind: "after"; readonly ms: number }
  | { readonly kind: "missing" | "crash" | "oom" | "unready" };

/** A container, as far as its story goes. */
export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  /** Whether it runs until it is stopped, as in a Deployment, or to an end, as in a Job. */
  readonly ends: boolean;
  /** Whether it is started again after a failure. */
  readonly restarts: boolean;
  /** Added to the message of a crash loop: `pod=<name>_<namespace>(<uid>)`. */
  readonly podLabel: string;
}

/** What a container is at a moment. */
export interface ContainerMoment {
  readonly state: V1ContainerState;
  readonly lastState?: V1ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  /** Milliseconds since its creation at which something changes next; undefined when nothing will. */
  readonly next?: number;
}

const createMs = 300;
const readyMs = 300;
const endMs = 700;
const pullRetryMs = 1_000;
const crashMs = 200;
const longestBackOffMs = 10_000;

const exits = {
  crash: { exitCode: 1, reason: "Error" },
  oom: { exitCode: 137, reason: "OOMKilled" },
} as const;

/**
 * The fate that an image's tag asks for: `missing`, `crash`, `fail` (a crash by another name, for Jobs), `oom`, `unready`,
 * `slow-5s`; every other one works at once. The tag may go on after a dash: `crash-2`.
 */
export function fateOf(image: string): Fate {
  const tag = /:([\w][\w.-]*)$/.exec(image.split("@")[0]?.split("/").at(-1) ?? "")?.[1] ?? "latest";
  const slow = /^slow-(\d+)(ms|s)\b/.exec(tag);
  if (slow !== null) return { kind: "after", ms: Number(slow[1]) * (slow[2] === "s" ? 1_000 : 1) };
  switch (tag.split("-")[0]) {
    case "missing":
      return { kind: "missing" };
    case "crash":
    case "fail":
      return { kind: "crash" };
    case "oom":
      return { kind: "oom" };
    case "unready":
      return { kind: "unready" };
    default:
      return { kind: "after", ms: readyMs };
  }
}

/** The state of a container created at `created`, `elapsed` milliseconds later. */
export function containerAt(plan: ContainerPlan, created: Date, elapsed: number): ContainerMoment {
  const fate = fateOf(plan.image);
  if (elapsed < createMs) return { ...waiting("ContainerCreating"), next: createMs };
  switch (fate.kind) {
    case "missing":
      return pullFailure(plan.image, elapsed);
    case "crash":
    case "oom":
      return crashLoop({ plan, created, elapsed, exit: exits[fate.kind] });
    case "unready":
      return { state: running(created, createMs), ready: false, restartCount: 0 };
    case "after":
      return plan.ends ? oneRun(fate.ms, created, elapsed) : service(fate.ms, created, elapsed);
  }
}

/** A container that waits for something else first. */
export function waiting(reason: string, message?: string): ContainerMoment {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return { state, ready: false, restartCount: 0 };
}

function service(afterMs: number, created: Date, elapsed: number): ContainerMoment {
  const readyAt = createMs + afterMs;
  const state = running(created, createMs);
  return elapsed < readyAt
    ? { state, ready: false, restartCount: 0, next: readyAt }
    : { state, ready: true, restartCount: 0 };
}

function oneRun(afterMs: number, created: Date, elapsed: number): ContainerMoment {
  const endAt = createMs + Math.max(afterMs, endMs);
  if (elapsed < endAt) return { state: running(created, createMs), ready: true, restartCount: 0, next: endAt };
  const state = terminated({ exitCode: 0, reason: "Completed" }, created, [createMs, endAt]);
  return { state, ready: false, restartCount: 0 };
}

function pullFailure(image: string, elapsed: number): ContainerMoment {
  const message =
    `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ` +
    `failed to resolve reference "${image}": ${image}: not found`;
  const backOffAt = createMs + pullRetryMs;
  if (elapsed < backOffAt) return { ...waiting("ErrImagePull", message), next: backOffAt };
  return waiting("ImagePullBackOff", `Back-off pulling image "${image}": ErrImagePull: ${message}`);
}

interface Crash {
  readonly plan: ContainerPlan;
  readonly created: Date;
  readonly elapsed: number;
  readonly exit: { readonly exitCode: number; readonly reason: string };
}

/** Run, fail, run again at once, fail, and from then on wait longer before every run. */
function crashLoop({ plan, created, elapsed, exit }: Crash): ContainerMoment {
  let start = createMs;
  let last: V1ContainerState | undefined;
  for (let restartCount = 0; ; restartCount += 1) {
    const past = last === undefined ? {} : { lastState: last };
    const end = start + crashMs;
    if (elapsed < end) return { state: running(created, start), ...past, ready: false, restartCount, next: end };
    const ended = terminated(exit, created, [start, end]);
    if (!plan.restarts) return { state: ended, ready: false, restartCount };
    const backOff = restartCount === 0 ? 0 : Math.min(longestBackOffMs, 1_000 * 2 ** (restartCount - 1));
    if (elapsed < end + backOff) {
      const message = `back-off ${backOff / 1000}s restarting failed container=${plan.name} ${plan.podLabel}`;
      const { state } = waiting("CrashLoopBackOff", message);
      return { state, lastState: ended, ready: false, restartCount, next: end + backOff };
    }
    last = ended;
    start = end + backOff;
  }
}

function running(created: Date, offset: number): V1ContainerState {
  return { running: { startedAt: moment(created, offset) } };
}

function terminated(exit: Crash["exit"], created: Date, [start, end]: readonly [number, number]): V1ContainerState {
  return { terminated: { ...exit, startedAt: moment(created, start), finishedAt: moment(created, end) } };
}

function moment(created: Date, offset: number): Date {
  return new Date(created.getTime() + offset);
}
