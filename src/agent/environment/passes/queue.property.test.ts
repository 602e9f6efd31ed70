import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readEnvironment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { finalizer } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { Failure, toFailure } from "../../../model/failure.ts";
import { type Outcome, type Snapshot, unlimitedSlot } from "../../../rollout/index.ts";
import { renderingHere } from "../../../sandbox/index.ts";
import { type Loop, startLoop } from "../../kernel/loop.ts";
import { createRecorder } from "../status/recorder.ts";
import { createStatusWriter } from "../status/status.ts";
import { runPass } from "./pass.ts";
import type { PassContext, Rollouts } from "./pass-context.ts";

type Quality = "good" | "bad" | "slow" | "invalid";
type Step =
  | { readonly type: "commit"; readonly quality: Quality }
  | { readonly type: "edit" | "restart" | "kill" | "outage" }
  | { readonly type: "time"; readonly ms: number }
  | { readonly type: "turns"; readonly n: number };

const timeoutMs = 5_000;
const healthMs = 100;
const intervalMs = 60_000;
const plan = { actions: [], digest: "" };
const inventory = { entries: [] };
const commitOf = (n: number): string => n.toString(16).padStart(40, "0");
const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

/** A repository, a cluster and what the API server holds, around the real loop, pass, journal, decisions and status. */
class Simulation {
  readonly commits: Quality[] = ["good"];
  generation = 1;
  status: EnvironmentStatus = {};
  snapshot: Snapshot | undefined;
  live = "";
  away = false;
  readonly failed = new Set<string>();
  readonly triedAgain: string[] = [];
  mostAtOnce = 0;
  latestStartMs = 0;
  #asked: number | undefined;
  #life = 0;
  #loop: Loop = this.#start();

  get newest(): string {
    return `main@sha1:${commitOf(this.commits.length)}`;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#do(step);
    this.#outage(false);
    await vi.advanceTimersByTimeAsync(4 * intervalMs);
    await this.#loop.close();
  }

  async #do(step: Step): Promise<void> {
    switch (step.type) {
      case "commit":
        this.commits.push(step.quality);
        return this.#interrupt();
      case "edit":
        this.generation += 1;
        return this.#interrupt();
      case "restart":
        await this.#loop.close();
        this.#loop = this.#start();
        return;
      case "kill":
        this.#life += 1;
        void this.#loop.close();
        this.#loop = this.#start();
        return;
      case "outage":
        return this.#outage(!this.away);
      case "time":
        return void (await vi.advanceTimersByTimeAsync(step.ms));
      case "turns":
        for (let n = 0; n < step.n; n += 1) await Promise.resolve();
    }
  }

  #outage(away: boolean): void {
    this.away = away;
    this.#loop.wake();
  }

  #interrupt(): void {
    this.#asked = Date.now();
    this.#loop.interrupt("something moved");
  }

  #start(): Loop {
    const life = this.#life;
    const alive = () => {
      if (life !== this.#life) throw new Failure("ClusterUnreachable", { message: "was killed" });
    };
    const cluster = {
      patch: async (_ref: unknown, { body }: { readonly body: { readonly status: object } }) => {
        await Promise.resolve();
        alive();
        const merged = Object.entries({ ...this.status, ...body.status }).filter(([, value]) => value !== null);
        this.status = Object.fromEntries(merged);
        return {};
      },
    } as unknown as Cluster;
    const environment = () =>
      readEnvironment({
        metadata: { name: "e", namespace: "n", generation: this.generation, finalizers: [finalizer] },
        spec: { source: { url: "https://git.invalid/e" }, interval: "1m", retryInterval: "1s" },
        status: this.status,
      });
    const writer = createStatusWriter(cluster, environment(), () => this.generation);
    const log = { warn: () => undefined, info: () => undefined, error: () => undefined };
    const recorder = createRecorder({ log, happen: () => undefined } as unknown as Parameters<
      typeof createRecorder
    >[0]);
    let running = 0;
    const loop = startLoop(async (signal) => {
      running += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, running);
      if (this.#asked !== undefined) this.latestStartMs = Math.max(this.latestStartMs, Date.now() - this.#asked);
      this.#asked = undefined;
      const ended = {
        environment: environment(),
        status: writer,
        source: undefined,
        attempted: undefined,
        started: new Date(),
      };
      try {
        const outcome = await runPass(this.#pass({ ...ended, alive }), signal);
        loop.wakeIn((await recorder.outcome(ended, outcome, signal)) ?? intervalMs);
      } catch (thrown) {
        if (!signal.aborted) loop.wakeIn((await recorder.error(ended, toFailure(thrown), loop.closing)) ?? intervalMs);
      }
      running -= 1;
    });
    return loop;
  }

  #pass(life: Pick<PassContext, "environment" | "status"> & { readonly alive: () => void }): PassContext {
    const latest = async () => {
      await Promise.resolve();
      if (this.away) throw new Failure("SourceUnreachable", { message: "is away" });
      const n = this.commits.length;
      return { revision: { ref: "main", commit: commitOf(n) }, tree: n };
    };
    return {
      ...life,
      rollouts: this.#rollouts(life.alive),
      source: { latest, gather: async ({ tree }: { readonly tree: number }) => ({ tree, remotes: new Map() }) },
      target: { slot: { ...unlimitedSlot, acquire: async () => undefined, release: () => undefined } },
      snapshots: {
        read: async () => this.snapshot,
        write: async (snapshot: Snapshot) => {
          await Promise.resolve();
          life.alive();
          this.snapshot = snapshot;
        },
      },
      rendering: renderingHere,
      render: async (n: number) => {
        if (this.commits[n - 1] === "invalid") throw new Failure("RenderFailed", { message: "cannot be rendered" });
        return [{ name: String(n), timeoutMs, manifests: [] }];
      },
      checkDependencies: () => undefined,
      happen: () => undefined,
      reading: () => undefined,
    } as unknown as PassContext;
  }

  /** What the room of rollouts promises, with nothing but a clock behind it. */
  #rollouts(alive: () => void): Rollouts {
    const attemptOf = (revision: string) => `${revision} ${this.generation}`;
    const rollBack: Rollouts["rollBack"] = async (_target, { failed, cause, lastHealthy, journal }, signal) => {
      await journal.beginRollback(inventory);
      alive();
      this.live = lastHealthy.revision;
      await wait(healthMs, signal);
      return { type: "rolledBack", failed, to: lastHealthy.revision, cause, inventory, plan, pruneFailure: undefined };
    };
    const fail: Rollouts["fail"] = async (target, attempt, cause, signal): Promise<Outcome> => {
      const { revision: failed, lastHealthy } = attempt;
      const mark = attemptOf(failed);
      await attempt.journal.failed(failed, cause, new Date());
      if (mark === attemptOf(failed)) this.failed.add(mark);
      if (lastHealthy === undefined) return { type: "failed", failed, cause };
      return rollBack(target, { ...attempt, failed, cause, lastHealthy, since: new Date() }, signal);
    };
    const rollOut: Rollouts["rollOut"] = async (target, attempt, signal) => {
      const { revision, stages, since, journal } = attempt;
      if (this.failed.has(attemptOf(revision))) this.triedAgain.push(attemptOf(revision));
      await journal.begin(revision, inventory, plan);
      alive();
      this.live = revision;
      const quality = this.commits[Number(stages[0]?.name) - 1];
      const left = since.getTime() + timeoutMs - Date.now();
      await wait(quality === "slow" ? Math.max(0, left) : healthMs, signal);
      if (quality !== "good") return fail(target, attempt, new Failure("HealthTimeout", { message: "is ill" }), signal);
      await journal.healthy({ revision, stages });
      return { type: "rolledOut", revision, plan, inventory, kept: [], pruneFailure: undefined };
    };
    const maintain: Rollouts["maintain"] = async (_target, _prepared, { revision, behind }) => ({
      type: "maintained",
      revision,
      behind,
      corrected: [],
      drifted: [],
      inventory,
      kept: [],
      pruneFailure: undefined,
      health: { healthy: true, message: "" },
    });
    return { rollOut, rollBack, fail, maintain, prepare: async () => ({}) } as unknown as Rollouts;
  }
}

const quality = fc.constantFrom<Quality>("good", "bad", "slow", "invalid");
const move = fc.constantFrom("edit" as const, "restart" as const, "kill" as const, "outage" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("commit" as const), quality }) },
  { weight: 4, arbitrary: fc.record({ type: move }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("time" as const), ms: fc.integer({ min: 1, max: 8_000 }) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("turns" as const), n: fc.integer({ min: 1, max: 60 }) }) },
);

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-01T00:00:00Z") }));
afterEach(() => void vi.useRealTimers());

test("10,000 interleavings of commits, edits, timeouts, outages, restarts and kills", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const world = new Simulation();
      await world.run(steps);
      const { status, newest, commits, snapshot, live } = world;
      // Never two passes at once; a commit or an edit ends a wait at once; what failed is not tried again by itself.
      expect(world.mostAtOnce).toBe(1);
      expect(world.latestStartMs).toBe(0);
      expect(world.triedAgain).toEqual([]);
      const last = commits.at(-1);
      // The newest commit is reached; or it is known that it failed, and the last healthy one is back.
      if (last === "good") {
        expect({ live, healthy: status.lastHealthyRevision }).toEqual({ live: newest, healthy: newest });
        expect(status.failedRevision).toBeUndefined();
      } else {
        if (last !== "invalid") expect(status.failedRevision).toBe(newest);
        if (snapshot !== undefined) expect(live).toBe(snapshot.revision);
      }
      if (last !== "invalid" || snapshot !== undefined) expect(status.attempt).toBeUndefined();
    }),
    { numRuns: 10_000 },
  );
});
