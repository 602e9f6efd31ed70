/** What is watched for an observation: desired kinds, leftovers where that is allowed, and nothing else. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { definition, deployment, never, settings } from "../../../test/rollout/objects.ts";
import type { ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Tracked } from "../watch/kind-use.ts";
import { kindsOfDesired, trackObserved } from "./track.ts";

const type = (group: string, kind: string): ResourceType => ({
  ...{ group, version: "v1", kind, plural: `${kind.toLowerCase()}s`, namespaced: true },
  verbs: ["list"],
});
const tracked = (group: string, kind: string): Tracked => ({
  type: type(group, kind),
  namespaces: ["shop"],
  whole: false,
});
const [maps, widgets, secrets] = [tracked("", "ConfigMap"), tracked("example.com", "Widget"), tracked("", "Secret")];
const none = { desired: [], leftovers: [], definitions: [] };

test("a kind is watched in each namespace once, and whole where its health needs that", () => {
  const manifests = [settings("a"), settings("b", { namespace: "office" }), settings("c"), deployment("web")].map(
    manifestOf,
  );
  const types = new Map([
    ["v1 ConfigMap", type("", "ConfigMap")],
    ["apps/v1 Deployment", type("apps", "Deployment")],
  ]);
  expect(kindsOfDesired({ healthRules: undefined }, manifests, types)).toEqual([
    { type: type("", "ConfigMap"), namespaces: ["shop", "office"], whole: false },
    { type: type("apps", "Deployment"), namespaces: ["shop"], whole: true },
  ]);
});

/** A target whose watches fail as this says, and what they watch at the end. */
function watching(fail: (kind: string) => Error | undefined = () => undefined) {
  const fake = new FakeCluster();
  const kept: string[] = [];
  const { view } = fake.target();
  const target = fake.target({
    view: {
      ...view,
      track: async (wanted) => {
        for (const each of wanted) {
          const failure = fail(each.type.kind);
          if (failure !== undefined) throw failure;
        }
      },
      retain: (wanted) => void kept.splice(0, kept.length, ...wanted.map((each) => each.type.kind)),
    },
  });
  return { target, kept };
}

test("everything else is let go of", async () => {
  const { target, kept } = watching();
  await trackObserved(target, { ...none, desired: [maps, widgets], leftovers: [secrets] }, never);
  expect(kept).toEqual(["ConfigMap", "Widget", "Secret"]);
});

describe("a kind that cannot be watched", () => {
  const forbidden = new Failure("Forbidden", { message: "may not list" });

  test("ends the observation where it is desired", async () => {
    const { target } = watching((kind) => (kind === "Widget" ? forbidden : undefined));
    await expect(trackObserved(target, { ...none, desired: [maps, widgets] }, never)).rejects.toBe(forbidden);
  });

  test.each(["Forbidden", "KindUnknown"] as const)(
    "waits for the next pass where it is only left: %s",
    async (code) => {
      const { target, kept } = watching((kind) =>
        kind === "Secret" ? new Failure(code, { message: "no" }) : undefined,
      );
      await trackObserved(target, { ...none, desired: [maps], leftovers: [secrets] }, never);
      expect(kept).toEqual(["ConfigMap", "Secret"]);
    },
  );

  test("for any other reason ends it also where it is only left", async () => {
    const away = new Failure("ClusterUnreachable", { message: "no" });
    const { target } = watching((kind) => (kind === "Secret" ? away : undefined));
    await expect(trackObserved(target, { ...none, leftovers: [secrets] }, never)).rejects.toBe(away);
  });

  test("since its conversion does not work is answered, where the revision defines it", async () => {
    const message = "the API server answers HTTP 500: conversion webhook for example.com/v1, Kind=Widget failed: no";
    const unconverted = new Failure("ClusterBusy", { message });
    const { target } = watching((kind) => (kind === "Widget" ? unconverted : undefined));
    const definitions = [manifestOf(definition("Widget"))];
    expect(await trackObserved(target, { ...none, desired: [maps, widgets], definitions }, never)).toEqual([
      [{ group: "example.com", kind: "Widget" }, unconverted],
    ]);
    await expect(trackObserved(target, { ...none, desired: [maps, widgets] }, never)).rejects.toBe(unconverted);
  });
});
