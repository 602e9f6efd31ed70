import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Environment, readEnvironment } from "../../src/api/environment/environment.ts";
import type { HistoryEntry } from "../../src/api/environment/environment-status.ts";
import { createPromotionCache, type PromotionOutcome, promote } from "../../src/promote/index.ts";
import { ModelForge } from "../support/model-forge.ts";

const never = new AbortController().signal;
const [head, branch] = ["mooring/promote-next", "production"];
const now = new Date("2026-11-21T12:00:00Z");

/** An environment that rolls commits out, a repository, and people who do what they like. */
class Story {
  readonly repository = new ModelForge();
  readonly proposable = new Set<string>();
  readonly history: HistoryEntry[] = [];
  current: string;
  healthy = true;
  remembered: string | undefined;

  constructor() {
    const first = this.repository.commit();
    this.repository.branches.set("main", first).set(branch, first);
    this.current = first;
    this.rollOut(first, true);
  }

  environment(): Environment {
    const revision = `main@sha1:${this.current}`;
    const is = (type: string, yes: boolean) => ({ type, status: yes ? "True" : "False", message: "", reason: "R" });
    const status = {
      observedGeneration: 1,
      conditions: [is("Ready", this.healthy), is("Healthy", this.healthy)],
      lastAppliedRevision: revision,
      lastHealthyRevision: revision,
      history: this.history,
    };
    const spec = { source: { url: "https://git.example.com/acme/environment.git" } };
    return readEnvironment({ metadata: { name: "staging", namespace: "x", generation: 1 }, spec, status });
  }

  rollOut(commit: string, good: boolean): void {
    const outcome = good ? "Succeeded" : "RolledBack";
    const time = "2026-11-21T11:00:00Z";
    const entry = { revision: `main@sha1:${commit}`, digest: "d", outcome, started: time, finished: time } as const;
    this.history.unshift(entry);
    if (good) {
      this.current = commit;
      this.proposable.add(commit);
    } else this.proposable.delete(commit);
    this.healthy = good;
  }

  push(good: boolean): void {
    const commit = this.repository.commit(this.repository.branches.get("main") ?? "");
    this.repository.branches.set("main", commit);
    this.rollOut(commit, good);
  }

  async step(autoMerge: boolean, crashAt: number): Promise<PromotionOutcome | undefined> {
    let calls = 0;
    this.repository.crash = () => {
      calls += 1;
      if (calls === crashAt) throw new Error("crash");
    };
    const task = { id: "x/next", head, branch, soakMs: 0, autoMerge, from: this.environment(), overlay: undefined };
    const { forge, files, gather, pushRef } = this.repository;
    try {
      return await promote(
        { ...task, lastProposed: this.remembered },
        {
          forge,
          files,
          gather,
          pushRef: async (push) => {
            // What is set there was proven at this moment.
            expect(this.proposable.has(String(push.to))).toBe(true);
            return pushRef(push);
          },
          now: () => now,
          cache: createPromotionCache(),
          recordIntent: async ({ commit }) => {
            this.remembered = commit;
          },
          recheck: async () => ({ hold: false, from: this.environment() }),
        },
        never,
      );
    } catch (thrown) {
      if (thrown instanceof Error && thrown.message === "crash") return undefined;
      throw thrown;
    } finally {
      this.repository.crash = () => undefined;
    }
  }
}

type Event =
  | { readonly type: "push"; readonly good: boolean }
  | { readonly type: "recover" | "merge" | "close" | "tamper" | "direct" | "forceMain" }
  | { readonly type: "step"; readonly autoMerge: boolean; readonly crashAt: number };

const events: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant("push" as const), good: fc.boolean() }),
  fc.record({ type: fc.constantFrom("recover", "merge", "close", "tamper", "direct", "forceMain") }),
  fc.record({
    type: fc.constant("step" as const),
    autoMerge: fc.boolean(),
    crashAt: fc.integer({ min: 0, max: 6 }),
  }),
);

async function happen(story: Story, event: Event): Promise<void> {
  const { repository } = story;
  const open = repository.open();
  switch (event.type) {
    case "push":
      return story.push(event.good);
    case "recover":
      story.healthy = true;
      return;
    case "merge":
      return open === undefined ? undefined : repository.merge(open.number);
    case "close":
      return open === undefined ? undefined : repository.change(open.number, { state: "closed" });
    case "tamper":
      if (repository.branches.has(head)) repository.move(head, repository.commit(repository.branches.get(head) ?? ""));
      return;
    case "direct":
      repository.branches.set(branch, repository.commit(repository.branches.get(branch) ?? "", story.current));
      return;
    case "forceMain": {
      repository.branches.set("main", repository.commit(repository.branches.get(branch) ?? ""));
      return;
    }
    case "step":
      await story.step(event.autoMerge, event.crashAt);
  }
}

describe("whatever happens, in whatever order, wherever it is interrupted", () => {
  test("one pull request at most, of a proven revision; nobody's commit is lost; then it comes to rest", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(events, { maxLength: 14 }), async (list) => {
        const story = new Story();
        const { repository } = story;
        const theirs = new Set<string>();
        for (const event of list) {
          const before = repository.branches.get(head);
          await happen(story, event);
          const after = repository.branches.get(head);
          if (event.type === "tamper" && after !== undefined) theirs.add(after);
          expect(repository.pulls.filter(({ state }) => state === "open").length).toBeLessThanOrEqual(1);
          if (event.type === "step" && before !== undefined && theirs.has(before) && after !== before) {
            const kept = repository.reachable(repository.branches.get(branch) ?? "");
            expect(kept.has(before) || repository.reachable(after ?? "").has(before)).toBe(true);
          }
        }
        await story.step(false, 0);
        await story.step(false, 0);
        const writes = repository.writes;
        const last = await story.step(false, 0);
        expect(repository.writes).toBe(writes);
        if (last?.reason !== "Proposed") return;
        expect(repository.open()?.headSha).toBe(story.current);
        expect(story.proposable.has(story.current)).toBe(true);
      }),
      { numRuns: 1_500 },
    );
  });
});
