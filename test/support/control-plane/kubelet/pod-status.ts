import { createHash } from "node:crypto";
import type { V1Container, V1ContainerStatus, V1Pod, V1PodCondition, V1PodStatus } from "@kubernetes/client-node";
import { type ContainerMoment, containerAt, waiting } from "./container-timeline.ts";

/** What a pod refers to and is not there. */
export interface MissingReferences {
  /** A volume cannot be mounted, so nothing starts. */
  readonly volumes: boolean;
  /** Container name → why its environment cannot be made, as the kubelet words it. */
  readonly environment: ReadonlyMap<string, string>;
}

/** What the kubelet knows of a pod, apart from the pod itself. */
export interface PodFacts {
  readonly created: Date;
  readonly elapsed: number;
  readonly hostIP: string;
  readonly podIP: string;
  readonly missing: MissingReferences;
}

/** The status to report, and when it changes next (milliseconds since its creation; undefined: it does not). */
export interface PodMoment {
  readonly status: V1PodStatus;
  readonly next?: number;
}

/** The status of a pod at a moment of its life. Conditions that are not the kubelet's are kept as they are. */
export function podAt(pod: V1Pod, facts: PodFacts): PodMoment {
  const init = initContainers(pod, facts);
  const main = (pod.spec?.containers ?? []).map((container) => ({
    container,
    moment:
      init.doneAt === undefined ? waiting("PodInitializing") : momentOf(pod, container, { facts, from: init.doneAt }),
  }));
  const phase = phaseOf(pod, init.doneAt !== undefined, main);
  const { generation } = pod.metadata ?? {};
  const status: V1PodStatus = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    startTime: facts.created,
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    podIP: facts.podIP,
    podIPs: [{ ip: facts.podIP }],
    conditions: conditions(pod, phase, { init, main, now: facts }),
    ...(init.all.length === 0 ? {} : { initContainerStatuses: init.all.map((told) => containerStatus(pod, told)) }),
    containerStatuses: main.map((told) => containerStatus(pod, told)),
  };
  const changes = [...init.all, ...main].flatMap(({ moment }) => moment.next ?? []);
  return changes.length === 0 ? { status } : { status, next: Math.min(...changes) };
}

interface Told {
  readonly container: V1Container;
  /** Its `next` counts from the pod's creation. */
  readonly moment: ContainerMoment;
}

interface InitContainers {
  readonly all: readonly Told[];
  /** When the last of them has let the next start; undefined while one has not. */
  readonly doneAt?: number;
}

/** One after the other; a sidecar (restartPolicy Always) lets the next start once it is ready. */
function initContainers(pod: V1Pod, facts: PodFacts): InitContainers {
  const all: Told[] = [];
  let from: number | undefined = 0;
  for (const container of pod.spec?.initContainers ?? []) {
    const moment: ContainerMoment =
      from === undefined ? waiting("PodInitializing") : momentOf(pod, container, { facts, from, init: true });
    all.push({ container, moment });
    if (from !== undefined) from = finishedAt({ container, moment }, facts);
  }
  return from === undefined ? { all } : { all, doneAt: from };
}

/** When an init container has let the next one start, in milliseconds since the pod's creation. */
function finishedAt({ container, moment }: Told, facts: PodFacts): number | undefined {
  const { terminated, running } = moment.state;
  const sidecar = container.restartPolicy === "Always" && moment.ready;
  const at = terminated?.exitCode === 0 ? terminated.finishedAt : sidecar ? running?.startedAt : undefined;
  return at === undefined ? undefined : at.getTime() - facts.created.getTime();
}

interface Start {
  readonly facts: PodFacts;
  /** Milliseconds since the pod's creation. */
  readonly from: number;
  readonly init?: boolean;
}

function momentOf(pod: V1Pod, container: V1Container, { facts, from, init }: Start): ContainerMoment {
  const refused = facts.missing.environment.get(container.name);
  if (facts.missing.volumes) return waiting(init === true ? "PodInitializing" : "ContainerCreating");
  if (refused !== undefined) return waiting("CreateContainerConfigError", refused);
  const sidecar = init === true && container.restartPolicy === "Always";
  const policy = pod.spec?.restartPolicy ?? "Always";
  const { name, namespace, uid } = pod.metadata ?? {};
  const plan = {
    name: container.name,
    image: container.image ?? "",
    ends: !sidecar && (init === true || policy !== "Always"),
    restarts: sidecar || policy !== "Never",
    podLabel: `pod=${name}_${namespace}(${uid})`,
  };
  const moment = containerAt(plan, new Date(facts.created.getTime() + from), facts.elapsed - from);
  return moment.next === undefined ? moment : { ...moment, next: moment.next + from };
}

/** The rules of `getPhase` in the kubelet (`pkg/kubelet/kubelet_pods.go`). */
function phaseOf(pod: V1Pod, initialized: boolean, main: readonly Told[]): string {
  const states = main.map(({ moment }) => moment);
  const policy = pod.spec?.restartPolicy ?? "Always";
  if (!initialized || states.some(({ state, lastState }) => state.waiting !== undefined && lastState === undefined)) {
    return "Pending";
  }
  if (policy === "Always" || states.some(({ state }) => state.terminated === undefined)) return "Running";
  if (states.every(({ state }) => state.terminated?.exitCode === 0)) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

function containerStatus(pod: V1Pod, { container, moment }: Told): V1ContainerStatus {
  const { state, lastState, ready, restartCount } = moment;
  const image = container.image ?? "";
  const created = state.waiting === undefined || lastState !== undefined;
  return {
    name: container.name,
    image,
    // As if a registry had answered: the same image has the same digest.
    imageID: created ? `${image.replace(/[:@][^/]*$/, "")}@sha256:${digest(image)}` : "",
    ...(created
      ? { containerID: `containerd://${digest(`${pod.metadata?.uid}/${container.name}/${restartCount}`)}` }
      : {}),
    state,
    lastState: lastState ?? {},
    ready,
    started: state.running !== undefined,
    restartCount,
  };
}

interface WholePod {
  readonly init: InitContainers;
  readonly main: readonly Told[];
  readonly now: PodFacts;
}

const own = ["PodScheduled", "Initialized", "ContainersReady", "Ready"];

function conditions(pod: V1Pod, phase: string, { init, main, now }: WholePod): V1PodCondition[] {
  const old = pod.status?.conditions ?? [];
  const over = phase === "Succeeded" ? { reason: "PodCompleted" } : undefined;
  const unready = unreadyReason(
    "ContainersNotReady",
    "unready status",
    main.filter(({ moment }) => !moment.ready),
  );
  const pending = init.all.filter((told) => finishedAt(told, now) === undefined);
  const ready = over ?? (phase === "Failed" ? { reason: "PodFailed" } : unready);
  const initialized =
    init.doneAt === undefined ? unreadyReason("ContainersNotInitialized", "incomplete status", pending) : {};
  const wanted = [
    { type: "PodScheduled", status: "True" },
    { type: "Initialized", status: statusOf(init.doneAt !== undefined), ...initialized, ...(over ?? {}) },
    { type: "ContainersReady", status: statusOf(ready === undefined), ...ready },
    { type: "Ready", status: statusOf(ready === undefined), ...ready },
  ];
  return [
    ...wanted.map((condition) => withTransition(condition, old, now)),
    ...old.filter(({ type }) => !own.includes(type)),
  ];
}

function unreadyReason(
  reason: string,
  what: string,
  told: readonly Told[],
): { reason: string; message: string } | undefined {
  if (told.length === 0) return undefined;
  return { reason, message: `containers with ${what}: [${told.map(({ container }) => container.name).join(" ")}]` };
}

function withTransition(condition: V1PodCondition, old: readonly V1PodCondition[], now: PodFacts): V1PodCondition {
  const before = old.find(({ type, status }) => type === condition.type && status === condition.status);
  const lastTransitionTime = before?.lastTransitionTime ?? new Date(now.created.getTime() + now.elapsed);
  return { ...condition, lastTransitionTime };
}

function statusOf(value: boolean): string {
  return value ? "True" : "False";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
