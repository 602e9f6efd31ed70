import { expect, test } from "vitest";
import { rest } from "../../clock/index.ts";
import {
  type Cluster,
  createWatchHub,
  type ListOptions,
  type ResourceType,
  type WatchEvent,
} from "../../cluster/index.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";
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
    onRecovery: () => () => undefined,
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

test("what belongs to one of 2,000 workloads is found without a look at what belongs to the others", async () => {
  const count = 2_000;
  let looked = 0;
  /** A reference; counts how often it is read. */
  const to = (uid: string) => ({
    get uid() {
      looked += 1;
      return uid;
    },
  });
  const metadataOf = (name: string) => ({ name, namespace: "shop", uid: `uid-${name}`, resourceVersion: "1" });
  const owned = (kind: string, name: string, uid: string): KubeObject => ({
    apiVersion: kind === "ReplicaSet" ? "apps/v1" : "v1",
    kind,
    metadata: { ...metadataOf(name), ownerReferences: [to(uid)] },
  });
  const about = (name: string, uid: string): KubeObject => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: metadataOf(name),
    involvedObject: to(uid),
  });
  const all = Array.from({ length: count }, (_, number) => number);
  const objects: Readonly<Record<string, readonly KubeObject[]>> = {
    replicasets: all.map((each) => owned("ReplicaSet", `set-${each}`, `uid-web-${each}`)),
    pods: all.map((each) => owned("Pod", `pod-${each}`, `uid-set-${each}`)),
    events: all.map((each) => about(`event-${each}`, `uid-pod-${each}`)),
  };
  const events = new Map<string, (event: WatchEvent) => void>();
  const cluster = {
    list: async ({ plural }: ResourceType) => ({ items: objects[plural] ?? [], resourceVersion: "1" }),
    async *watch({ plural }: ResourceType, _options: ListOptions, until: AbortSignal): AsyncGenerator<WatchEvent> {
      yield { type: "OPENED" };
      for (;;) yield await untilAborted(new Promise<WatchEvent>((resolve) => events.set(plural, resolve)), until);
    },
    onRecovery: () => () => undefined,
  } as Partial<Cluster> as Cluster;
  const watches = createWatchHub(cluster);
  const evidence = createEvidenceView(watches);
  let changes = 0;
  evidence.follow("shop", () => {
    changes += 1;
  });
  await expect.poll(() => events.size).toBe(3);
  const workload = (each: number): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `web-${each}`, namespace: "shop", uid: `uid-web-${each}` },
  });
  const names = (each: number) => {
    const { pods, related = [], events: warnings = [] } = evidence.of(workload(each));
    return [...related, ...pods, ...warnings].map(({ metadata }) => metadata.name);
  };
  const found = (each: number) => [`set-${each}`, `pod-${each}`, `event-${each}`];
  expect(names(0)).toEqual(found(0));
  // The first question makes the indexes; after that nothing is looked at again, whoever asks.
  expect(looked).toBe(3 * count);
  for (const each of all) expect(names(each)).toEqual(found(each));
  expect(looked).toBe(3 * count);
  // A change is one object's, and so is its cost.
  const before = changes;
  events.get("pods")?.({ type: "ADDED", object: owned("Pod", "pod-new", "uid-set-7") });
  await expect.poll(() => changes).toBe(before + 1);
  expect(names(7)).toEqual(["set-7", "pod-7", "pod-new", "event-7"]);
  expect(looked).toBe(3 * count + 1);
  await watches.close();
});
