/** Peers are asked about what changes hands, and about nothing else. */
import { expect, test } from "vitest";
import { FakeCluster } from "../../../test/rollout/fake-cluster.ts";
import { inventoryOf, labelsOf, never, settings, stageOf } from "../../../test/rollout/objects.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Observed, Owner } from "../../plan/index.ts";
import { peerClaims } from "./peer-claims.ts";

const of = (name: string, owner?: string): KubeObject =>
  settings(name, owner === undefined ? { labels: {} } : { labels: labelsOf(owner) });

/** What is asked about, where these are desired, remembered and live. */
async function askedAbout(
  desired: readonly string[],
  remembered: readonly string[],
  live: readonly KubeObject[],
  fake = new FakeCluster(),
) {
  const asked: { claimed?: readonly string[]; unclaimed?: readonly (readonly [string, Owner])[] } = {};
  const target = fake.target({
    ownershipPeers: {
      claimedBy: async (entries) => {
        asked.claimed = entries.map(({ id }) => id);
        return new Map([["shop_old__ConfigMap", { name: "heir", namespace: "mooring-system" }]]);
      },
      unclaimed: async (objects) => {
        asked.unclaimed = [...objects];
        return new Set(["shop_web__ConfigMap"]);
      },
    },
  });
  const stages = [stageOf(desired.map((name) => settings(name)))];
  const observed = new Map<string, Observed>(
    live.map((object) => [`shop_${object.metadata.name}__ConfigMap`, { live: object }]),
  );
  const claims = await peerClaims(target, { stages, observed }, inventoryOf(...remembered), never);
  return { asked, claims };
}

const owner = (name: string) => ({ name, namespace: "mooring-system" });

test.each<
  readonly [what: string, desired: readonly string[], remembered: readonly string[], live: readonly KubeObject[]]
>([
  ["nothing is there yet", ["web"], [], []],
  ["all is our own and stays", ["web"], ["web"], [of("web", "own")]],
  ["what is desired carries no labels", ["web"], [], [of("web")]],
  ["what is to go has gone", [], ["old"], []],
  ["what is to go carries no labels any more", [], ["old"], [of("old")]],
  ["what is to go is another one's already", [], ["old"], [of("old", "heir")]],
])("nobody is asked where %s", async (_what, desired, remembered, live) => {
  const { asked, claims } = await askedAbout(desired, remembered, live);
  expect(asked).toEqual({});
  expect(claims).toEqual({ claimed: new Map(), unclaimed: new Set() });
});

test("who wants what is about to be deleted", async () => {
  const { asked, claims } = await askedAbout(["web"], ["web", "old"], [of("web", "own"), of("old", "own")]);
  expect(asked).toEqual({ claimed: ["shop_old__ConfigMap"] });
  expect(claims).toEqual({ claimed: new Map([["shop_old__ConfigMap", owner("heir")]]), unclaimed: new Set() });
});

test("whether what is desired was released by the one whose labels it carries", async () => {
  const { asked, claims } = await askedAbout(["web", "api"], [], [of("web", "former"), of("api", "own")]);
  expect(asked).toEqual({ unclaimed: [["shop_web__ConfigMap", owner("former")]] });
  expect(claims).toEqual({ claimed: new Map(), unclaimed: new Set(["shop_web__ConfigMap"]) });
});
