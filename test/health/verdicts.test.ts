/** The rules against what a real control plane writes; the kubelet is the fake one of test/support/kubelet. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stuckPods } from "../../src/health/index.ts";
import type { JsonObject } from "../../src/model/json/json.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { connectKube, type KubeClient } from "../support/control-plane/kube-client.ts";
import { goMissing } from "../toolchain/tools.ts";
import { type Court, holdCourt } from "./cluster-under-judgement.ts";

const isCurrent = (verdict: Verdict): boolean => verdict.state === "current";
const isFailed = (verdict: Verdict): boolean => verdict.state === "failed";
const reasonOf = (verdict: Verdict): string | undefined => ("cause" in verdict ? verdict.cause?.reason : undefined);
const showing = (reason: string) => (verdict: Verdict) =>
  verdict.state === "inProgress" && reasonOf(verdict) === reason;

const apps = (namespace: string, kind: string, name: string): string =>
  `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;

/** A workload of one container `main`, with two replicas where the kind has replicas. */
function workload(kind: string, name: string, image: string, pod: JsonObject = {}): JsonObject {
  const labels = { app: name };
  const containers = [{ name: "main", image: `registry.test/${image}`, ...(pod.container as JsonObject | undefined) }];
  const { container: _container, ...spec } = pod;
  const template = { metadata: { labels }, spec: { containers, ...spec } };
  const own = kind === "DaemonSet" ? {} : { replicas: 2 };
  const service = kind === "StatefulSet" ? { serviceName: name } : {};
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...own, ...service },
  };
}

function job(name: string, image: string): JsonObject {
  const containers = [{ name: "main", image: `registry.test/${image}` }];
  const template = { spec: { restartPolicy: "Never", containers } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 0, template } };
}

describe.skipIf(goMissing() !== undefined)("health in a real cluster (skipped without Go)", () => {
  let plane: ControlPlane;
  let kube: KubeClient;
  let court: Court;

  beforeAll(async () => {
    plane = await startControlPlane();
    kube = connectKube({ ...plane, token: plane.adminToken });
    court = holdCourt(kube);
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await court.put("/api/v1/namespaces/strict", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "strict", labels },
    });
    await court.put("/api/v1/namespaces/tight", { apiVersion: "v1", kind: "Namespace", metadata: { name: "tight" } });
    const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "one" }, spec: { hard: { pods: "1" } } };
    await court.put("/api/v1/namespaces/tight/resourcequotas/one", quota);
  });

  afterAll(async () => {
    await kube.close();
    await plane.stop();
  });

  test.concurrent.each(["Deployment", "StatefulSet", "DaemonSet"])(
    "a %s becomes current, fails with an image that is missing, and becomes current again",
    async (kind) => {
      const name = `back-${kind.toLowerCase()}`;
      const path = apps("default", kind, name);
      await court.put(path, workload(kind, name, "app:1"));
      await court.until(path, isCurrent);

      const since = new Date();
      await court.put(path, workload(kind, name, "app:missing"));
      const failed = await court.until(path, isFailed, since);
      const notFound = 'failed to resolve reference "registry.test/app:missing": registry.test/app:missing: not found';
      expect(failed).toMatchObject({
        state: "failed",
        cause: { reason: "ImagePullBackOff", pod: expect.stringContaining(name), container: "main" },
      });
      expect(failed.message).toContain(notFound);

      await court.put(path, workload(kind, name, "app:1"));
      if (kind === "StatefulSet") {
        await court.until(path, showing("StuckOnOldRevision"));
        const stuck = stuckPods(await court.evidence(path)).map((pod) => pod.metadata.name);
        expect(stuck).toEqual([`${name}-1`]);
        await kube.request("DELETE", `/api/v1/namespaces/default/pods/${stuck[0]}`);
      }
      // `until` throws should it be failed on the way.
      await court.until(path, isCurrent, new Date());
    },
  );

  test.concurrent("a crash loop is told at once, and fails after four restarts", async () => {
    const path = apps("default", "Deployment", "crash");
    await court.put(path, workload("Deployment", "crash", "app:crash"));
    await court.until(path, showing("CrashLoopBackOff"));
    const failed = await court.until(path, isFailed);
    expect(failed.message).toMatch(
      /^CrashLoopBackOff: pod crash-\w+-\w+, container main: exited with code 1 \(4 restarts\)$/,
    );
  });

  test.concurrent("what is never ready is in progress, and says so", async () => {
    const path = apps("default", "Deployment", "unready");
    await court.put(path, workload("Deployment", "unready", "app:unready"));
    const verdict = await court.until(path, showing("NotReady"));
    expect(verdict).toMatchObject({
      cause: { message: "it runs but is not ready", container: "main" },
    });
  });

  test.concurrent("a Secret that comes late is waited for", async () => {
    const path = apps("default", "Deployment", "late");
    const container = { envFrom: [{ secretRef: { name: "late" } }] };
    await court.put(path, workload("Deployment", "late", "app:1", { container }));
    const verdict = await court.until(path, showing("CreateContainerConfigError"));
    expect(verdict).toMatchObject({ cause: { message: 'secret "late" not found', container: "main" } });
    await court.put("/api/v1/namespaces/default/secrets/late", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "late" },
    });
    await court.until(path, isCurrent);
  });

  test.concurrent("a node that does not exist is told in the scheduler's words", async () => {
    const path = apps("default", "Deployment", "nowhere");
    await court.put(path, workload("Deployment", "nowhere", "app:1", { nodeSelector: { disk: "ssd" } }));
    const verdict = await court.until(path, showing("Unschedulable"));
    expect(verdict).toMatchObject({
      cause: { message: expect.stringContaining("0/1 nodes are available: 1 node(s) didn't match") },
    });
  });

  test.concurrent.each(["Deployment", "StatefulSet", "DaemonSet"])(
    "a %s that breaks Pod Security fails",
    async (kind) => {
      const path = apps("strict", kind, "web");
      await court.put(path, workload(kind, "web", "app:1"));
      const failed = await court.until(path, isFailed);
      expect(failed.message).toMatch(
        /^PodSecurityViolation: violates PodSecurity "restricted:latest": allowPrivilegeEscalation/,
      );
    },
  );

  test.concurrent("a Job that breaks Pod Security fails", async () => {
    const path = "/apis/batch/v1/namespaces/strict/jobs/migrate";
    await court.put(path, job("migrate", "app:1"));
    expect(reasonOf(await court.until(path, isFailed))).toBe("PodSecurityViolation");
  });

  test.concurrent("a quota is told", async () => {
    const path = apps("tight", "Deployment", "web");
    await court.put(path, workload("Deployment", "web", "app:1"));
    const verdict = await court.until(path, showing("QuotaExceeded"));
    expect(verdict).toMatchObject({
      cause: { message: "exceeded quota: one, requested: pods=1, used: pods=1, limited: pods=1" },
    });
  });

  test.concurrent("a service account that does not exist is told", async () => {
    const path = apps("default", "Deployment", "robot");
    await court.put(path, workload("Deployment", "robot", "app:1", { serviceAccountName: "robot" }));
    expect(reasonOf(await court.until(path, showing("ServiceAccountMissing")))).toBe("ServiceAccountMissing");
  });

  test.concurrent("a Job runs to its end", async () => {
    const path = "/apis/batch/v1/namespaces/default/jobs";
    await court.put(`${path}/good`, job("good", "app:1"));
    await court.put(`${path}/bad`, job("bad", "app:fail"));
    expect((await court.until(`${path}/good`, isCurrent)).message).toBe("complete, 1 of 1 succeeded");
    expect((await court.until(`${path}/bad`, isFailed)).message).toMatch(
      /^BackoffLimitExceeded: pod bad-\w+, container main: Job has reached the specified backoff limit; the last pod exited with code 1$/,
    );
  });

  test.concurrent("scaled to zero and paused are current", async () => {
    const patch = async (name: string, spec: JsonObject): Promise<void> => {
      const object = workload("Deployment", name, "app:missing");
      await court.put(apps("default", "Deployment", name), {
        ...object,
        spec: { ...(object.spec as JsonObject), ...spec },
      });
    };
    await patch("zero", { replicas: 0 });
    await patch("paused", { paused: true });
    await court.until(apps("default", "Deployment", "zero"), isCurrent);
    await court.until(apps("default", "Deployment", "paused"), isCurrent);
  });

  test.concurrent("a CRD is established, and a claim without a volume is told", async () => {
    const names = { kind: "Shop", plural: "shops" };
    const schema = { openAPIV3Schema: { type: "object" } };
    const versions = [{ name: "v1", served: true, storage: true, schema }];
    const crd = {
      metadata: { name: "shops.shop.test" },
      spec: { group: "shop.test", scope: "Namespaced", names, versions },
    };
    const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/shops.shop.test";
    await court.put(crdPath, { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", ...crd });
    expect((await court.until(crdPath, isCurrent)).message).toBe("established");

    const claimPath = "/api/v1/namespaces/default/persistentvolumeclaims/data";
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
    await court.put(claimPath, { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec });
    await court.until(claimPath, showing("FailedBinding"));
  });
});
