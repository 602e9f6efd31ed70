/** Many objects are judged without keeping the event loop from others. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../api/names.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { maintain } from "./maintain.ts";
import { prepare } from "./prepare.ts";
import { waitForHealth } from "./wait/wait.ts";
import type { EvidenceView } from "./watch/evidence.ts";

const never = new AbortController().signal;
const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
const many = 40;
const counts = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
const web = (index: number): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: `web-${index}`, namespace: "shop", labels, generation: 1 },
  spec: { replicas: 1 },
  status: { ...counts, conditions: [{ type: "Available", status: "True" }] },
});
const webs = Array.from({ length: many }, (_, index) => web(index));

/** A cluster where judging one object takes two milliseconds, and how many were judged in one piece at most. */
function slowToJudge() {
  const fake = new FakeCluster();
  for (const each of webs) fake.put(each);
  let [inPiece, most, all] = [0, 0, 0];
  const newTurn = () => {
    inPiece = 0;
    turns = setImmediate(newTurn);
  };
  let turns = setImmediate(newTurn);
  const evidence: EvidenceView = {
    follow: () => () => undefined,
    of: () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      inPiece += 1;
      all += 1;
      most = Math.max(most, inPiece);
      return { pods: [], related: [], events: [] };
    },
  };
  const judged = () => {
    clearImmediate(turns);
    return { all, most };
  };
  return { target: fake.target({ evidence }), judged };
}

test("in a wait", async () => {
  const { target, judged } = slowToJudge();
  const objects = webs.map((each) => ({ id: manifestOf(each).id, apiVersion: each.apiVersion }));
  const deadline = performance.now() + 60_000;
  const wait = { objects, written: new Map(), since: new Date(), deadline, freesStuckPods: false, secrets: undefined };
  await waitForHealth(target, wait, never);
  const { all, most } = judged();
  expect(all).toBe(many);
  expect(most).toBeLessThan(many / 2);
});

test("in a pass that keeps what is there", async () => {
  const { target, judged } = slowToJudge();
  const policy = { prune: true, force: false, guard: undefined, approved: undefined };
  const unseal = async (manifests: readonly Manifest[]) => manifests;
  const inventory = { entries: [] };
  const stages = [{ name: "", timeoutMs: 60_000, manifests: webs.map(manifestOf) }];
  const prepared = await prepare(target, { stages, inventory, policy, unseal }, never);
  const run = { revision: "r", behind: false, inventory, drift: "correct" } as const;
  expect(await maintain(target, prepared, run, never)).toMatchObject({ health: { healthy: true } });
  const { all, most } = judged();
  expect(all).toBe(many);
  expect(most).toBeLessThan(many / 2);
});

test("what is not judged yet when the time is up is judged before it is told", async () => {
  const { target } = slowToJudge();
  const missing = { ...web(0), metadata: { name: "missing", namespace: "shop" } };
  const objects = [...webs, missing].map((each) => ({ id: manifestOf(each).id, apiVersion: each.apiVersion }));
  const wait = { objects, written: new Map(), since: new Date(), deadline: performance.now(), freesStuckPods: false };
  await expect(waitForHealth(target, { ...wait, secrets: undefined }, never)).rejects.toMatchObject({
    code: "HealthTimeout",
    problems: [{ object: "Deployment/shop/missing", message: "does not exist" }],
  });
});
