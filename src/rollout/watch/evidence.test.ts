import { expect, test } from "vitest";
import { rest } from "../../clock/index.ts";
import { type Cluster, createWatchHub, type ListOptions, type ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { createEvidenceView } from "./evidence.ts";

test("evidence that may be read by now is seen by who comes later, while another one waits", async () => {
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "u-web", controller: true };
  const set: KubeObject = { ...owner, metadata: { name: "web", namespace: "shop", uid: "u-web" } };
  const metadata = { name: "web-0", namespace: "shop", uid: "u-web-0", ownerReferences: [owner], resourceVersion: "1" };
  const pod = { apiVersion: "v1", kind: "Pod", metadata } as KubeObject;
  const asked: string[] = [];
  let may = false;
  const cluster = {
    async list({ plural }: ResourceType) {
      asked.push(plural);
      if (plural === "pods" && !may) throw new Failure("Forbidden", { message: "pods may not be listed" });
      return { items: plural === "pods" ? [pod] : [], resourceVersion: "1" };
    },
    async *watch(_type: ResourceType, _options: ListOptions, until: AbortSignal) {
      yield { type: "OPENED" };
      await rest(3_600_000, until);
    },
    onReturn: () => () => undefined,
  } as Partial<Cluster> as Cluster;
  const watches = createWatchHub(cluster);
  const evidence = createEvidenceView(watches);
  const leave = evidence.follow("shop", () => undefined);
  await expect.poll(() => asked.length).toBe(3);
  expect(evidence.of(set).pods).toEqual([]);
  may = true;
  const changed = Promise.withResolvers<void>();
  evidence.follow("shop", () => changed.resolve());
  await changed.promise;
  expect(evidence.of(set).pods).toEqual([pod]);
  // What was not refused is asked for once.
  expect(asked.toSorted()).toEqual(["events", "pods", "pods", "replicasets"]);
  leave();
  expect(watches.size).toBe(3);
  await watches.close();
  expect(watches.size).toBe(0);
});
