import { expect, test, vi } from "vitest";
import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { Failure } from "../../model/failure.ts";
import type { CommitStatus } from "../../promote/index.ts";
import type { Log } from "../log.ts";
import { createFollowers } from "./followers.ts";
import type { OpenForge } from "./forges.ts";

const sha = "a".repeat(40);
const forge = { type: "gitea", url: "https://git.invalid", repository: "a/b", secretRef: { name: "token" } };

/** An Environment at a revision, healthy or not; with a forge unless told otherwise. */
function environment(
  name: string,
  more: { readonly healthy?: boolean; readonly spec?: object; readonly uid?: string } = {},
): Environment {
  const status = more.healthy === false ? "False" : "True";
  const condition = {
    reason: "Succeeded",
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
    observedGeneration: 1,
  };
  return readEnvironment({
    metadata: { name, namespace: "shop", uid: more.uid ?? "1", generation: 1 },
    spec: { source: { url: "https://git.invalid/a/b" }, forge, ...more.spec },
    status: {
      lastAttemptedRevision: `main@sha1:${sha}`,
      lastAppliedRevision: `main@sha1:${sha}`,
      ...(status === "True" ? { lastHealthyRevision: `main@sha1:${sha}` } : {}),
      conditions: ["Ready", "Healthy"].map((type) => ({ type, status, ...condition })),
    },
  });
}

/** Followers of a forge in memory, with what it was told and what was logged. */
function following() {
  const statuses: CommitStatus[] = [];
  const at = { failure: undefined as Failure | undefined, atOnce: 0, most: 0, closed: 0 };
  const log = { warn: vi.fn() };
  const opened = {
    forge: {
      async commitStatuses() {
        at.atOnce += 1;
        at.most = Math.max(at.most, at.atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        at.atOnce -= 1;
        if (at.failure !== undefined) throw at.failure;
        return [];
      },
      async setCommitStatus(_sha: string, status: CommitStatus) {
        statuses.push(status);
      },
    },
  } as unknown as OpenForge;
  const followers = createFollowers({
    holdForge: () => ({
      of: async () => opened,
      async close() {
        at.closed += 1;
      },
    }),
    clusterName: undefined,
    namespace: "mooring-system",
    record: () => undefined,
    log: log as unknown as Log,
  });
  return { followers, statuses, at, log };
}

test("the forge is told of a revision, and again only of what changed", async () => {
  const { followers, statuses } = following();
  followers.environmentChanged(environment("web"));
  await expect.poll(() => statuses.map(({ state }) => state)).toEqual(["success"]);
  followers.environmentChanged(environment("web"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(statuses).toHaveLength(1);
  await followers.close();
});

test.each<readonly [string, object]>([
  ["one that names no forge", { forge: undefined }],
  ["one that is suspended", { suspend: true }],
])("nothing is told of %s", async (_what, spec) => {
  const { followers, statuses, at } = following();
  followers.environmentChanged(environment("web", { spec }));
  await followers.close();
  expect([statuses, at.most]).toEqual([[], 0]);
});

test("one that names no forge any more is not followed, and its connection is closed", async () => {
  const { followers, statuses, at } = following();
  followers.environmentChanged(environment("web"));
  await expect.poll(() => statuses).toHaveLength(1);
  expect(followers.size).toBe(1);
  followers.environmentChanged(environment("web", { spec: { forge: undefined } }));
  expect(followers.size).toBe(0);
  await expect.poll(() => at.closed).toBe(1);
});

test("one that is gone is not followed, unless another one has taken its name", async () => {
  const { followers } = following();
  followers.environmentChanged(environment("web", { uid: "2" }));
  followers.environmentGone({ namespace: "shop", name: "web", uid: "1" });
  expect(followers.size).toBe(1);
  followers.environmentGone({ namespace: "shop", name: "web", uid: "2" });
  expect(followers.size).toBe(0);
  await followers.close();
});

test("what the forge did not take is logged once, however often it is tried", async () => {
  const { followers, at, log } = following();
  at.failure = new Failure("ForgeUnreachable", { message: "gone" });
  followers.environmentChanged(environment("web"));
  await expect.poll(() => log.warn.mock.calls.length).toBe(1);
  followers.environmentChanged(environment("web"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(log.warn.mock.calls).toEqual([
    [
      { environment: "shop/web", code: "ForgeUnreachable", problems: [{ message: "gone" }] },
      "a report to the forge failed",
    ],
  ]);
  await followers.close();
});

test("four ask their forge at the same time", async () => {
  const { followers, statuses, at } = following();
  for (let index = 0; index < 12; index += 1) followers.environmentChanged(environment(`web-${index}`));
  await expect.poll(() => statuses).toHaveLength(12);
  expect(at.most).toBe(4);
  await followers.close();
});
