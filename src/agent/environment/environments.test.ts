/** What an agent shows of its Environments, and who is woken by whom. */
import { describe, expect, test, vi } from "vitest";
import type { Change, Cluster, WatchedObjects } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Log } from "../log.ts";
import { openEnvironments } from "./environments.ts";

const { signal } = new AbortController();
const ready = { type: "Ready", status: "True", reason: "Succeeded", message: "", observedGeneration: 1 };

const object = (name: string, spec: object = {}, conditions: readonly object[] = []): KubeObject => ({
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Environment",
  metadata: { name, namespace: "shop", uid: `uid-${name}`, generation: 1 },
  spec: { source: { url: "https://git.invalid/e" }, ...spec },
  status: { conditions: [...conditions] as never },
});

/** Environments over a watch that the test moves. */
async function opened(...first: readonly KubeObject[]) {
  const objects = new Map(first.map((each) => [each.metadata.name, each]));
  const listeners = new Set<(change: Change) => void>();
  const close = vi.fn();
  const watch = {
    ready: async () => undefined,
    get: ({ name }: { readonly name: string }) => objects.get(name),
    all: () => [...objects.values()],
    onChange(listener: (change: Change) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRewind: () => () => undefined,
    failure: () => undefined,
    close,
  } as unknown as WatchedObjects;
  const cluster = { resource: async () => ({ kind: "Environment" }) } as unknown as Cluster;
  const where = { watches: { subscribe: () => watch }, namespaces: [], log: {} as Log };
  const environments = await openEnvironments(cluster, where as never, signal);
  const change = (type: "added" | "deleted", each: KubeObject) => {
    if (type === "deleted") objects.delete(each.metadata.name);
    else objects.set(each.metadata.name, each);
    for (const listener of [...listeners]) listener({ type, object: each });
  };
  return { environments, change, close };
}

test("a cluster without the kind is told what to install", async () => {
  const cluster = { resource: async () => undefined } as unknown as Cluster;
  const where = { watches: {}, namespaces: [], log: {} as Log };
  await expect(openEnvironments(cluster, where as never, signal)).rejects.toMatchObject({
    ...{ code: "KindUnknown", problems: [{ hint: "install the manifests first: mooring install" }] },
  });
});

describe("an Environment whose spec makes no sense", () => {
  const broken = object("broken", { source: { url: 7 } });

  test("is shown, but nobody finds it", async () => {
    const { environments } = await opened(object("web"), broken);
    expect(environments.all().map(({ metadata }) => metadata.name)).toEqual(["web"]);
    expect(environments.find("shop", "broken")).toBeUndefined();
    expect(environments.find("shop", "web")).toMatchObject({ spec: { interval: "1m" } });
    expect(environments.shown().map(({ metadata }) => metadata.name)).toEqual(["web", "broken"]);
  });

  test("is told to nobody, until it is gone", async () => {
    const { environments, change } = await opened();
    const told: string[] = [];
    environments.onChange(({ metadata }) => void told.push(`changed ${metadata.name}`));
    environments.onGone(({ name, uid }) => void told.push(`gone ${name} ${uid}`));
    for (const each of [broken, object("web")]) change("added", each);
    change("deleted", broken);
    expect(told).toEqual(["changed web", "gone broken uid-broken"]);
  });
});

test("what is shown says whether it is suspended, and its status as it stands", async () => {
  const { environments } = await opened(object("web", { suspend: true }, [ready]));
  expect(environments.shown()).toEqual([
    { metadata: { name: "web", namespace: "shop" }, status: { conditions: [ready] }, suspended: true },
  ]);
  const [web] = environments.shown();
  if (web === undefined) throw new Error("nothing is shown");
  // Nothing was fetched: it does not lead.
  expect(environments.fetchedAt(web)).toBeUndefined();
});

test("once it is closed it listens to nothing", async () => {
  const { environments, change, close } = await opened();
  const told: string[] = [];
  environments.onChange(({ metadata }) => void told.push(metadata.name));
  await environments.close();
  change("added", object("web"));
  expect([told, close.mock.calls.length]).toEqual([[], 1]);
});
