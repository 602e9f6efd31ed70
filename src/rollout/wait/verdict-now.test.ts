/** What the watches show of an object, and what that says before they have caught up with our own write. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { available, deployment, settings } from "../../../test/rollout/objects.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Verdict } from "../../model/verdict.ts";
import { verdictNow } from "./verdict-now.ts";

const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
const ready = deployment("web", { status: available });

interface Row {
  readonly live: KubeObject | undefined;
  /** Written by us, and whether the watch has seen it. */
  readonly own?: "seen" | "unseen";
  readonly verdict: Partial<Verdict>;
}

test.each<readonly [what: string, row: Row]>([
  [
    "is not there, and nobody wrote it",
    { live: undefined, verdict: { state: "inProgress", message: "does not exist" } },
  ],
  [
    "is not there yet, but written",
    { live: undefined, own: "unseen", verdict: { state: "inProgress", message: "written, not seen yet" } },
  ],
  [
    "was seen and is gone",
    { live: undefined, own: "seen", verdict: { state: "inProgress", message: "written, not seen yet" } },
  ],
  [
    "is healthy as it was before our write",
    { live: ready, own: "unseen", verdict: { state: "inProgress", message: "written, not seen yet" } },
  ],
  ["is healthy as it was written", { live: ready, own: "seen", verdict: { state: "current" } }],
  ["is healthy, and was not written", { live: ready, verdict: { state: "current" } }],
  ["is not ready", { live: deployment("web"), verdict: { state: "inProgress" } }],
  [
    "is being deleted, however healthy",
    {
      live: deployment("web", { metadata: { ...ready.metadata, ...going, finalizers: ["a/b"] }, status: available }),
      verdict: { state: "terminating", message: "is being deleted; blocked by the finalizer a/b" },
    },
  ],
])("one that %s", (_what, { live, own, verdict }) => {
  const fake = new FakeCluster();
  if (live !== undefined) fake.put(live);
  const object = { id: manifestOf(ready).id, apiVersion: "apps/v1" };
  const writes = { has: () => own !== undefined, isUnseen: () => own === "unseen" };
  expect(verdictNow(fake.target(), object, new Date(), writes)).toMatchObject(verdict);
});

test("a kind without health of its own is healthy when it exists", () => {
  const fake = new FakeCluster();
  fake.put(settings("web"));
  const object = { id: manifestOf(settings("web")).id, apiVersion: "v1" };
  const writes = { has: () => true, isUnseen: () => false };
  expect(verdictNow(fake.target(), object, new Date(), writes)).toEqual({ state: "current", message: "exists" });
});
