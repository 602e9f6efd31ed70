import { expect, test } from "vitest";
import type { Cluster } from "../cluster/index.ts";
import { fenced } from "./fence.ts";

const signal = new AbortController().signal;
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } };
const ref = { apiVersion: "v1", kind: "ConfigMap", name: "a", namespace: "shop" };
const merge = { type: "merge", body: {} } as const;

/** Every write there is, once for real and, where it can be asked about, once as a dry run. */
const writes: readonly (readonly [string, (cluster: Cluster, dryRun: boolean) => Promise<unknown>])[] = [
  ["apply", (cluster, dryRun) => cluster.apply(object, { dryRun, force: true }, signal)],
  ["patch", (cluster, dryRun) => cluster.patch(ref, merge, { dryRun }, signal)],
  ["create", (cluster, dryRun) => cluster.create(object, signal, { dryRun })],
  ["update", (cluster, dryRun) => cluster.update(object, { dryRun }, signal)],
  ["delete", (cluster) => cluster.delete(ref, { propagation: "Background" }, signal)],
];

/** A cluster that notes with which options it was asked to write. */
function noting() {
  const asked: [string, { readonly dryRun?: boolean | undefined }][] = [];
  const note =
    (name: string, at: number) =>
    async (...args: readonly unknown[]) => {
      // The place of the options is the method's own.
      asked.push([name, (args[at] ?? {}) as { readonly dryRun?: boolean }]);
    };
  const methods = { apply: 1, patch: 2, create: 2, update: 1, delete: 1 };
  const cluster = Object.fromEntries(Object.entries(methods).map(([name, at]) => [name, note(name, at)]));
  return { cluster: cluster as unknown as Cluster, asked };
}

test.each(writes)("%s passes its options on, whoever leads", async (name, write) => {
  const { cluster, asked } = noting();
  const led = fenced(cluster, { holds: () => true, lost: signal });
  await write(led, false);
  expect(asked.map(([method, { dryRun = false }]) => [method, dryRun])).toEqual([[name, false]]);
  if (name === "delete") return;
  await write(led, true);
  expect(asked[1]).toEqual([name, expect.objectContaining({ dryRun: true })]);
});

test.each(writes)("%s is refused to an agent that leads no more, but for a dry run", async (name, write) => {
  const { cluster, asked } = noting();
  const led = fenced(cluster, { holds: () => false, lost: signal });
  await expect(write(led, false)).rejects.toMatchObject({ code: "Interrupted" });
  expect(asked).toEqual([]);
  if (name === "delete") return;
  await write(led, true);
  expect(asked).toEqual([[name, expect.objectContaining({ dryRun: true })]]);
});
