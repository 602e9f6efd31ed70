import { expect, test, vi } from "vitest";
import { readEnvironment } from "../../api/environment/environment.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Log } from "../log.ts";
import { openPromotions } from "./promotions.ts";
import type { PromotionContext } from "./runner.ts";

const { signal } = new AbortController();

const promotion = (name: string, from: string, to?: string): KubeObject => ({
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Promotion",
  metadata: { name, namespace: "shop", uid: name, generation: 1 },
  spec: {
    from: { environmentRef: { name: from } },
    to: { branch: "production", ...(to === undefined ? {} : { environmentRef: { name: to } }) },
    forge: { type: "gitea", url: "https://git.invalid", repository: "a/b", secretRef: { name: "token" } },
  },
});

const environment = (name: string, revision: string) =>
  readEnvironment({
    metadata: { name, namespace: "shop", uid: name, generation: 1 },
    spec: { source: { url: "https://git.invalid/e" } },
    status: { lastHealthyRevision: revision },
  });

/** Promotions of Environments that do not exist, and how often a pass was made over each. */
async function opened(...objects: readonly KubeObject[]) {
  const log = { warn: vi.fn() };
  const passes = new Map<string, number>();
  const subscription = {
    ready: async () => undefined,
    all: () => objects,
    onChange: () => () => undefined,
    onRewind: () => () => undefined,
    close: async () => undefined,
  };
  const cluster = { resource: async () => ({ kind: "Promotion" }), patch: async () => ({}) } as unknown as Cluster;
  const where = { watches: { subscribe: () => subscription }, namespaces: [], log: log as unknown as Log };
  const promotions = await openPromotions(cluster, where as never, signal);
  promotions.run({
    cluster,
    find: () => undefined,
    record: () => undefined,
    measure: ({ metadata }: { metadata: { name: string } }) =>
      void passes.set(metadata.name, (passes.get(metadata.name) ?? 0) + 1),
    forget: () => undefined,
    log,
  } as unknown as PromotionContext);
  await expect.poll(() => passes.size).toBe(objects.length);
  return { promotions, passes };
}

test("a change that matters wakes those that promote from or to the Environment, and no others", async () => {
  const all = [promotion("from-it", "staging"), promotion("to-it", "qa", "staging"), promotion("other", "qa", "live")];
  const { promotions, passes } = await opened(...all);
  promotions.environmentChanged(environment("staging", "main@sha1:a"));
  await expect.poll(() => Object.fromEntries(passes)).toEqual({ "from-it": 2, "to-it": 2, other: 1 });
  // Nothing in it that decides about a proposal is another one.
  promotions.environmentChanged(environment("staging", "main@sha1:a"));
  promotions.environmentGone({ namespace: "shop", name: "unknown", uid: "" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(Object.fromEntries(passes)).toEqual({ "from-it": 2, "to-it": 2, other: 1 });
  promotions.environmentGone({ namespace: "shop", name: "staging", uid: "staging" });
  await expect.poll(() => Object.fromEntries(passes)).toEqual({ "from-it": 3, "to-it": 3, other: 1 });
  await promotions.close();
});

test("all are shown, one whose spec makes no sense too", async () => {
  const { promotions } = await opened(promotion("to-production", "staging"));
  expect(promotions.all()).toEqual([{ metadata: { name: "to-production", namespace: "shop" }, status: {} }]);
  await promotions.close();
});

test.each<readonly [string, object, string]>([
  ["a cluster that does not know the kind", { resource: async () => undefined }, "does not know the kind"],
  ["a cluster that lets nobody read it", { resource: async () => ({ kind: "Promotion" }) }, "cannot be read"],
])("%s has none, and the agent works without", async (_what, cluster, why) => {
  const warn = vi.fn();
  const denied = {
    ready: () => Promise.reject(new Failure("Forbidden", { message: "no" })),
    close: async () => undefined,
  };
  const where = { watches: { subscribe: () => denied }, namespaces: [], log: { warn } as unknown as Log };
  const promotions = await openPromotions(cluster as Cluster, where as never, signal);
  expect(promotions.all()).toEqual([]);
  promotions.environmentChanged(environment("staging", "main@sha1:a"));
  await promotions.close();
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.at(-1)).toContain(why);
});
