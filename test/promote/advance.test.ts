import { beforeEach, describe, expect, test } from "vitest";
import { readEnvironment } from "../../src/api/environment/environment.ts";
import {
  createPromotionCache,
  type Forge,
  type Overlay,
  type PromotionTask,
  type PromotionTools,
  promote,
  type Rechecked,
} from "../../src/promote/index.ts";
import { renderingHere } from "../../src/sandbox/index.ts";
import { ModelForge } from "../support/model-forge.ts";

const never = new AbortController().signal;
const [head, branch] = ["mooring/promote-next", "production"];
const time = "2026-11-21T11:00:00Z";

function staging(commit: string, ready = "True") {
  const revision = `main@sha1:${commit}`;
  const entry = { revision, digest: "d", outcome: "Succeeded", started: time, finished: time };
  const conditions = ["Ready", "Healthy"].map((type) => ({ type, status: ready, message: "", reason: "Succeeded" }));
  const status = { observedGeneration: 1, conditions, lastAppliedRevision: revision, lastHealthyRevision: revision };
  const spec = { source: { url: "https://git.example.com/acme/environment.git" } };
  const metadata = { name: "staging", namespace: "x", generation: 1 };
  return readEnvironment({ metadata, spec, status: { ...status, history: [entry] } });
}

describe("merging a pull request that was right already", () => {
  let repository: ModelForge;
  let commit: string;

  beforeEach(async () => {
    repository = new ModelForge();
    const first = repository.commit();
    commit = repository.commit(first);
    repository.branches.set(branch, first);
    await step();
    expect(repository.open()?.headSha).toBe(commit);
  });

  interface Odd {
    readonly reconsidered?: Rechecked | undefined;
    readonly forge?: Partial<Forge>;
    readonly overlay?: Overlay;
    readonly autoMerge?: boolean;
  }

  async function step(odd: Odd = {}) {
    const from = staging(commit);
    const task: PromotionTask = {
      ...{ id: "x/next", head, branch, soakMs: 0, autoMerge: odd.autoMerge ?? true, from },
      overlay: odd.overlay,
      lastProposed: commit,
    };
    const tools: PromotionTools = {
      forge: { ...repository.forge, ...odd.forge },
      files: repository.files,
      gather: repository.gather,
      pushRef: repository.pushRef,
      now: () => new Date("2026-11-21T12:00:00Z"),
      cache: createPromotionCache(),
      recordIntent: async () => undefined,
      recheck: async () => ("reconsidered" in odd ? odd.reconsidered : { hold: false, from }),
    };
    return promote(task, tools, never);
  }
  const isMerged = () => repository.pulls[0]?.state === "merged";

  test("is done where nothing is in the way", async () => {
    expect(await step()).toMatchObject({ action: "merged", reason: "UpToDate" });
    expect(isMerged()).toBe(true);
    expect(await step()).toMatchObject({ action: "none", reason: "UpToDate" });
  });

  test("is left to people without autoMerge", async () => {
    expect(await step({ autoMerge: false })).toMatchObject({ action: "none", reason: "Proposed" });
    expect(isMerged()).toBe(false);
  });

  test.each<[string, () => Rechecked | undefined, object]>([
    ["somebody has just set hold", () => ({ hold: true, from: staging(commit) }), { reason: "Held" }],
    ["the Promotion has just been changed", () => undefined, { reason: "MergeBlocked", requeueSoon: true }],
    ["it has just turned ill", () => ({ hold: false, from: staging(commit, "False") }), { reason: "MergeBlocked" }],
    ["another one is there now", () => ({ hold: false, from: staging("c".repeat(40)) }), { reason: "MergeBlocked" }],
  ])("waits where %s", async (_, reconsidered, expected) => {
    expect(await step({ reconsidered: reconsidered() })).toMatchObject({ action: "none", ...expected });
    expect(isMerged()).toBe(false);
  });

  test("does not happen to a commit that somebody pushed after everything was judged", async () => {
    const readiness: Forge["readiness"] = async (number, signal) => {
      const judged = await repository.forge.readiness(number, signal);
      repository.move(head, repository.commit(commit));
      return judged;
    };
    expect(await step({ forge: { readiness } })).toMatchObject({ action: "none", reason: "MergeBlocked" });
    expect(isMerged()).toBe(false);
    expect(await step()).toMatchObject({ action: "none", ready: "False", reason: "HeadMoved" });
  });

  test("waits where the target cannot be rendered, and the text says why", async () => {
    const environment = readEnvironment({
      metadata: { name: "production", namespace: "x" },
      spec: { source: { url: "https://git.example.com/acme/environment.git" }, path: "nowhere" },
    });
    const overlay: Overlay = {
      name: "production",
      environment,
      variables: {},
      open: undefined,
      sops: undefined,
      rendering: renderingHere,
    };
    expect(await step({ overlay })).toMatchObject({ action: "updated" });
    expect(repository.pulls[0]?.body).toContain("It cannot be rendered at this revision");
    expect(await step({ overlay })).toMatchObject({ action: "none", reason: "MergeBlocked" });
    expect(isMerged()).toBe(false);
  });
});
