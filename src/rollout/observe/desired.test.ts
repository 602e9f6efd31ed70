/** What is compared and applied: unsealed, with variables and labels, as the API server stores it. */
import { describe, expect, test } from "vitest";

import { labelsOf, stageOf } from "../../../test/rollout/objects.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { contentDigest, openStages } from "./desired.ts";

const owner = { name: "own", namespace: "mooring-system" };
const asTheyAre = async (manifests: readonly Manifest[]) => manifests;
const plain = (name: string, more = {}): KubeObject => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" } },
  ...more,
});

describe("stages are opened", () => {
  test("all at once, and keep what is theirs", async () => {
    const opened: number[] = [];
    const open = async (manifests: readonly Manifest[]) => {
      opened.push(manifests.length);
      return manifests;
    };
    const stages = [
      stageOf([plain("a"), plain("b")], 1_000, "one"),
      stageOf([], 2_000, "none"),
      stageOf([plain("c")], 3_000, "two"),
    ];
    const result = await openStages(stages, open, owner);
    expect(opened).toEqual([3]);
    expect(
      result.map(({ name, timeoutMs, manifests }) => [name, timeoutMs, manifests.map(({ id }) => id.name)]),
    ).toEqual([
      ["one", 1_000, ["a", "b"]],
      ["none", 2_000, []],
      ["two", 3_000, ["c"]],
    ]);
  });

  test("with the labels of the owner beside those that they have", async () => {
    const object = plain("a", { metadata: { name: "a", namespace: "shop", labels: { app: "web" } } });
    const [stage] = await openStages([stageOf([object])], asTheyAre, owner);
    expect(stage?.manifests[0]?.object.metadata.labels).toEqual({ app: "web", ...labelsOf() });
  });

  test("without what the API server alone writes, which is told", async () => {
    const object = plain("a", { metadata: { name: "a", namespace: "shop", uid: "u", resourceVersion: "7" } });
    const [stage] = await openStages([stageOf([object])], asTheyAre, owner);
    const [manifest] = stage?.manifests ?? [];
    expect(manifest?.object.metadata).toEqual({ name: "a", namespace: "shop", labels: labelsOf() });
    expect(manifest?.warning).toBeDefined();
  });

  test("a Secret with its texts as data", async () => {
    const secret: KubeObject = { ...plain("db"), kind: "Secret", stringData: { password: "x" } };
    const [stage] = await openStages([stageOf([secret])], asTheyAre, owner);
    expect(stage?.manifests[0]?.object).toMatchObject({ data: { password: btoa("x") } });
    expect(stage?.manifests[0]?.object).not.toHaveProperty("stringData");
  });

  test("and a failure to open ends it", async () => {
    const failing = () => Promise.reject(new Error("no key"));
    await expect(openStages([stageOf([plain("a")])], failing, owner)).rejects.toThrow("no key");
  });
});

describe("the digest of content", () => {
  const stages = [stageOf([plain("a"), plain("b")], 1_000, "one")];
  test.each<readonly [what: string, other: typeof stages, same: boolean]>([
    ["is the same for the same", [stageOf([plain("a"), plain("b")], 1_000, "one")], true],
    ["does not depend on time limits", [stageOf([plain("a"), plain("b")], 9_000, "one")], true],
    [
      "differs with an object's content",
      [stageOf([plain("a"), plain("b", { data: { a: "1" } })], 1_000, "one")],
      false,
    ],
    ["differs with an object more", [stageOf([plain("a"), plain("b"), plain("c")], 1_000, "one")], false],
    ["differs with the order", [stageOf([plain("b"), plain("a")], 1_000, "one")], false],
    ["differs with the stage", [stageOf([plain("a"), plain("b")], 1_000, "two")], false],
    [
      "differs with what is in which stage",
      [stageOf([plain("a")], 1_000, "one"), stageOf([plain("b")], 1_000, "two")],
      false,
    ],
  ])("%s", (_what, other, same) => {
    expect(contentDigest(other) === contentDigest(stages)).toBe(same);
  });

  test("is SHA-256 in hex", () => {
    expect(contentDigest(stages)).toMatch(/^[0-9a-f]{64}$/);
  });
});
