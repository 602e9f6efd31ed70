/** What cannot be asked about before other parts of the revision are written. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { definition, never, settings } from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { kindName, pendingNamespaces, terminatingKinds } from "./not-yet.ts";

const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
const namespace = (name: string, metadata = {}): KubeObject => ({
  ...{ apiVersion: "v1", kind: "Namespace", metadata: { name, ...metadata } },
});

test.each([
  ["example.com/v1", "Widget", "Widget.example.com"],
  ["example.com/v2", "Widget", "Widget.example.com"],
  ["v1", "ConfigMap", "ConfigMap."],
])("the name of a kind is the same in every version: %s %s", (apiVersion, kind, name) => {
  expect(kindName(apiVersion, kind)).toBe(name);
});

test.each<readonly [what: string, live: KubeObject | undefined, names: readonly string[]]>([
  ["is being deleted", definition("Widget", ["v1"], going), ["Widget.example.com"]],
  ["stays", definition("Widget"), []],
  ["is not there yet", undefined, []],
])("the kind whose definition %s", (_what, live, names) => {
  const fake = new FakeCluster();
  if (live !== undefined) fake.put(live);
  const manifests = [settings("a"), definition("Widget")].map(manifestOf);
  expect([...terminatingKinds(fake.target(), manifests)]).toEqual(names);
});

describe("a Namespace of the revision", () => {
  const pendingOf = (fake: FakeCluster, objects: readonly KubeObject[]) =>
    pendingNamespaces(fake.target(), objects.map(manifestOf), never);

  test.each<readonly [what: string, live: KubeObject | undefined, pending: readonly string[]]>([
    ["is to come where it is not there", undefined, ["shop"]],
    ["is there", namespace("shop"), []],
    ["is to come again where it is being deleted", namespace("shop", going), ["shop"]],
  ])("%s", async (_what, live, pending) => {
    const fake = new FakeCluster();
    if (live !== undefined) fake.put(live);
    expect([...(await pendingOf(fake, [namespace("shop"), settings("a")]))]).toEqual(pending);
  });

  test("without labels is not seen by the watch, and read", async () => {
    const fake = new FakeCluster();
    fake.put(namespace("shop"));
    const { view } = fake.target();
    const target = fake.target({ view: { ...view, get: () => undefined } });
    expect([...(await pendingNamespaces(target, [manifestOf(namespace("shop"))], never))]).toEqual([]);
  });

  test("that the watch shows costs no request", async () => {
    const fake = new FakeCluster();
    fake.put(namespace("shop"));
    const get = () => Promise.reject(new Failure("ClusterUnreachable", { message: "must not be asked" }));
    const target = fake.target({ cluster: { ...fake.cluster, get } });
    expect([...(await pendingNamespaces(target, [manifestOf(namespace("shop"))], never))]).toEqual([]);
  });

  test("is no other group's", async () => {
    const other: KubeObject = { apiVersion: "example.com/v1", kind: "Namespace", metadata: { name: "shop" } };
    expect([...(await pendingOf(new FakeCluster(), [other]))]).toEqual([]);
  });
});
