import type { V1ContainerStatus, V1Job, V1Pod, V1PodSpec } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../../../src/cluster/index.ts";
import { eventually } from "../../wait.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { connectKube, type KubeClient } from "../kube-client.ts";

let plane: ControlPlane;
let kube: KubeClient;

beforeAll(async () => {
  plane = await startControlPlane();
  kube = connectKube({ ...plane, token: plane.adminToken });
});

afterAll(async () => {
  await kube.close();
  await plane.stop();
});

const namespace = "/api/v1/namespaces/default";

function createPod(name: string, spec: Partial<V1PodSpec> & Pick<V1PodSpec, "containers">): Promise<V1Pod> {
  return kube.request("POST", `${namespace}/pods`, { apiVersion: "v1", kind: "Pod", metadata: { name }, spec });
}

function readPod(name: string): Promise<V1Pod> {
  return kube.request("GET", `${namespace}/pods/${name}`);
}

/** The pod, as soon as its first container is as wanted. */
function podWhen(
  name: string,
  what: string,
  wanted: (status: V1ContainerStatus, pod: V1Pod) => boolean,
): Promise<V1Pod> {
  const probe = async (): Promise<V1Pod | undefined> => {
    const pod = await readPod(name);
    const status = pod.status?.containerStatuses?.[0];
    return status !== undefined && wanted(status, pod) ? pod : undefined;
  };
  return eventually(probe, { what: `${name} to be ${what}` });
}

function isReady(pod: V1Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

test.each<{ tag: string; what: string; wanted: (status: V1ContainerStatus, pod: V1Pod) => boolean }>([
  { tag: "missing", what: "out of image", wanted: ({ state }) => state?.waiting?.reason === "ImagePullBackOff" },
  {
    tag: "crash",
    what: "crashing",
    wanted: ({ state, lastState, restartCount }) =>
      state?.waiting?.reason === "CrashLoopBackOff" && lastState?.terminated?.exitCode === 1 && restartCount >= 2,
  },
  {
    tag: "oom",
    what: "out of memory",
    wanted: ({ state, lastState }) =>
      state?.waiting?.reason === "CrashLoopBackOff" && lastState?.terminated?.reason === "OOMKilled",
  },
  {
    tag: "unready",
    what: "running and not ready",
    wanted: ({ state, ready }, pod) => state?.running !== undefined && !ready && !isReady(pod),
  },
  { tag: "slow-1s", what: "ready in the end", wanted: (_, pod) => isReady(pod) },
])("a pod with the tag $tag is $what", async ({ tag, what, wanted }) => {
  await createPod(`pod-${tag}`, { containers: [{ name: "web", image: `nginx:${tag}` }] });
  await podWhen(`pod-${tag}`, what, wanted);
});

test.each([
  { tag: "1.0", condition: "Complete" },
  { tag: "fail", condition: "Failed" },
])("a Job with the tag $tag is $condition", async ({ tag, condition }) => {
  const path = "/apis/batch/v1/namespaces/default/jobs";
  const name = `job-${tag.replace(".", "-")}`;
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "work", image: `tool:${tag}` }] } };
  await kube.request("POST", path, {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name },
    spec: { backoffLimit: 0, template },
  });
  const over = async (): Promise<boolean> => {
    const { status } = await kube.request<V1Job>("GET", `${path}/${name}`);
    return status?.conditions?.some((one) => one.type === condition && one.status === "True") ?? false;
  };
  await eventually(over, { what: `the Job to be ${condition}` });
  await kube.request("DELETE", `${path}/${name}`, { propagationPolicy: "Foreground" });
  const gone = (): Promise<boolean> =>
    kube.request("GET", `${path}/${name}`).then(
      () => false,
      () => true,
    );
  await eventually(gone, { what: "the Job to be gone" });
});

test("a running Job that is deleted goes away with its pod", async () => {
  const path = "/apis/batch/v1/namespaces/default/jobs";
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "work", image: "tool:slow-600s" }] } };
  await kube.request("POST", path, {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "long" },
    spec: { template },
  });
  const list = async (): Promise<readonly V1Pod[]> =>
    (await kube.request<{ items: V1Pod[] }>("GET", `${namespace}/pods?labelSelector=job-name%3Dlong`)).items;
  await eventually(async () => (await list()).some((pod) => pod.status?.phase === "Running"), {
    what: "the pod to run",
  });
  await kube.request("DELETE", `${path}/long`, { propagationPolicy: "Background" });
  await eventually(async () => (await list()).length === 0, { what: "its pod to be gone" });
});

test("a container waits for the ConfigMap and the Secret it refers to, and says what is missing", async () => {
  await createPod("pod-environment", {
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        envFrom: [{ configMapRef: { name: "settings" } }],
        env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "value" } } }],
      },
    ],
  });
  const refusedWith =
    (message: string) =>
    ({ state }: V1ContainerStatus) =>
      state?.waiting?.reason === "CreateContainerConfigError" && state.waiting.message === message;
  await podWhen("pod-environment", "without its ConfigMap", refusedWith('configmap "settings" not found'));
  await kube.request("POST", `${namespace}/configmaps`, { metadata: { name: "settings" } });
  await podWhen("pod-environment", "without its Secret", refusedWith('secret "token" not found'));
  await kube.request("POST", `${namespace}/secrets`, { metadata: { name: "token" }, stringData: { other: "x" } });
  const noKey = refusedWith("couldn't find key value in Secret default/token");
  await podWhen("pod-environment", "without its key", noKey);
  await kube.request("PATCH", `${namespace}/secrets/token`, { stringData: { value: "x" } });
  await podWhen("pod-environment", "ready", (_, pod) => isReady(pod));
});

test("a pod whose volume is missing is not created until it is there", async () => {
  await createPod("pod-volume", {
    containers: [{ name: "web", image: "nginx:1.27" }],
    volumes: [{ name: "settings", configMap: { name: "volume-settings" } }],
  });
  await podWhen("pod-volume", "waiting", ({ state }) => state?.waiting?.reason === "ContainerCreating");
  await kube.request("POST", `${namespace}/configmaps`, { metadata: { name: "volume-settings" } });
  await podWhen("pod-volume", "ready", (_, pod) => isReady(pod));
});

test("containers wait for init containers, and sidecars run beside them", async () => {
  await createPod("pod-init", {
    initContainers: [
      { name: "proxy", image: "proxy:1.0", restartPolicy: "Always" },
      { name: "migrate", image: "tool:1.0" },
    ],
    containers: [{ name: "web", image: "nginx:1.27" }],
  });
  await podWhen("pod-init", "initializing", ({ state }) => state?.waiting?.reason === "PodInitializing");
  const pod = await podWhen("pod-init", "ready", (_, told) => isReady(told));
  const [proxy, migrate] = pod.status?.initContainerStatuses ?? [];
  expect(proxy?.ready).toBe(true);
  expect(migrate?.state?.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
});

test("an init container that crashes keeps the pod pending", async () => {
  await createPod("pod-init-crash", {
    initContainers: [{ name: "migrate", image: "tool:crash" }],
    containers: [{ name: "web", image: "nginx:1.27" }],
  });
  const crashed = (pod: V1Pod): boolean =>
    pod.status?.initContainerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff";
  const pod = await podWhen("pod-init-crash", "stuck", (_, told) => crashed(told));
  expect(pod.status?.phase).toBe("Pending");
  expect(pod.status?.conditions).toContainEqual(
    expect.objectContaining({ type: "Initialized", message: "containers with incomplete status: [migrate]" }),
  );
});

test("a container's log is had from the API server, that of the run before too", async () => {
  const cluster = await connect({ from: "files", paths: [plane.kubeconfig] });
  const log = (name: string, previous: boolean, tailLines = 10) =>
    cluster.podLogs({ namespace: "default", name }, { previous, tailLines }, new AbortController().signal);
  try {
    await createPod("pod-log", { containers: [{ name: "web", image: "nginx:1.27", args: ["one", "two", "three"] }] });
    await podWhen("pod-log", "ready", (_, pod) => isReady(pod));
    expect(await log("pod-log", false, 2)).toBe("two\nthree\n");
    await expect(log("pod-log", true)).rejects.toThrow();
    await createPod("pod-log-crash", { containers: [{ name: "web", image: "nginx:crash" }] });
    await podWhen("pod-log-crash", "crashing", ({ restartCount }) => restartCount > 0);
    expect(await log("pod-log-crash", true)).toBe("starting\nfatal: cannot reach db:5432\n");
    await createPod("pod-log-missing", { containers: [{ name: "web", image: "nginx:missing" }] });
    await podWhen("pod-log-missing", "without image", ({ state }) => state?.waiting?.reason === "ImagePullBackOff");
    await expect(log("pod-log-missing", false)).rejects.toThrow();
  } finally {
    await cluster.close();
  }
});
