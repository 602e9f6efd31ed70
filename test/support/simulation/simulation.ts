import { setImmediate as nextTurn } from "node:timers/promises";
import { vi } from "vitest";
import { createRecorder } from "../../../src/agent/environment/decisions/recorder.ts";
import { runPass } from "../../../src/agent/environment/passes/pass.ts";
import { type PassContext, rollouts } from "../../../src/agent/environment/passes/pass-context.ts";
import { type Loop, startLoop } from "../../../src/agent/kernel/loop.ts";
import { createSlots } from "../../../src/agent/kernel/slots.ts";
import { createStatusWriter } from "../../../src/agent/kernel/status-writer.ts";
import { type Environment, readEnvironment } from "../../../src/api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../src/api/environment/environment-status.ts";
import { apiVersion, finalizer } from "../../../src/api/names.ts";
import { type Cluster, createWatchHub } from "../../../src/cluster/index.ts";
import { applyTarget } from "../../../src/environment/index.ts";
import { Failure, toFailure } from "../../../src/model/failure.ts";
import { stringAt, valueAt } from "../../../src/model/json/json.ts";
import type { KubeObject, Manifest } from "../../../src/model/manifest.ts";
import { createEvidenceView, createLiveView, noOwnershipPeers, type Snapshot } from "../../../src/rollout/index.ts";
import { renderingHere } from "../../../src/sandbox/index.ts";
import { vouchAsKeyHolder } from "../../../src/seal/index.ts";
import { manifestOf } from "../../rollout/fake-cluster.ts";
import { MemoryCluster } from "../memory-cluster/memory-cluster.ts";
import { createDeploymentController, imageOf, type Quality } from "./deployment-controller.ts";

/** A commit: what its Deployment is worth, or that it cannot be rendered. */
export type Commit = Quality | "invalid";

/** What happens to the agent and around it. */
export type Step =
  | { readonly type: "commit"; readonly quality: Commit }
  | { readonly type: "edit" | "restart" | "kill" | "outage" }
  | { readonly type: "time"; readonly ms: number }
  | { readonly type: "microtasks"; readonly n: number };

const timeoutMs = 5_000;
const intervalMs = 60_000;
const owner = { name: "e", namespace: "n" };
const environmentRef = { apiVersion, kind: "Environment", ...owner };
const commitOf = (n: number): string => n.toString(16).padStart(40, "0");

/**
 * A repository, and an agent with the real loop, passes, rollouts, watches, journal, decisions and status writer, over a
 * cluster in memory in which everything is that outlives the agent. Runs under vitest's fake timers.
 */
export class Simulation {
  readonly commits: Commit[] = ["good"];
  /** The most passes that ran at the same time. */
  mostAtOnce = 0;
  /** The longest time from a commit or an edit to the pass that it is due. */
  latestStartMs = 0;
  /** What was applied although it had failed under the same spec. */
  readonly triedAgain: string[] = [];
  readonly #failed = new Set<string>();
  readonly #cluster = new MemoryCluster(undefined, ["n", "shop"]);
  #snapshot: Snapshot | undefined;
  #away = false;
  #dueSince: number | undefined;
  #life: Life | undefined;

  /** Makes the Environment, and starts the agent. */
  async start(): Promise<void> {
    const controller = createDeploymentController(this.#cluster, (image) => this.#qualityOf(image));
    this.#cluster.after = ({ dryRun, subresource }, object) => {
      if (object === undefined || dryRun) return;
      if (object.kind === "Environment") this.#noteFailure(object);
      if (object.kind !== "Deployment" || subresource !== undefined) return;
      void this.#noteAttempt(imageOf(object));
      void controller.changed(object);
    };
    await this.#cluster.create(environmentObject(1), never);
    this.#life = this.#begin();
  }

  async run(steps: readonly Step[]): Promise<void> {
    await this.start();
    for (const step of steps) await this.#do(step);
    this.#setAway(false);
    await pass(4 * intervalMs);
    await this.#life?.end();
  }

  /** The revision of the last commit. */
  get latest(): string {
    return `main@sha1:${commitOf(this.commits.length)}`;
  }

  /** What was last healthy, as it is kept. */
  get lastHealthy(): string | undefined {
    return this.#snapshot?.revision;
  }

  async status(): Promise<EnvironmentStatus> {
    return (await this.#environment()).status;
  }

  /** What is in the cluster: the image of the Deployment, and the ConfigMaps, of which each commit has its own. */
  async live(): Promise<{ readonly image: string; readonly configMaps: readonly string[] }> {
    const web = await this.#cluster.get(ref(deploymentOf(1)), never);
    const type = await this.#cluster.resource("v1", "ConfigMap");
    if (type === undefined) throw new Error("ConfigMaps are not served");
    const { items } = await this.#cluster.list(type, { namespace: "shop" }, never);
    return { image: imageOf(web), configMaps: items.map(({ metadata }) => metadata.name) };
  }

  /** The same, as a revision wants it. */
  wanted(revision: string): { readonly image: string; readonly configMaps: readonly string[] } {
    const n = Number.parseInt(revision.split(":").at(-1) ?? "", 16);
    return { image: imageOfCommit(n), configMaps: [`commit-${n}`] };
  }

  async #do(step: Step): Promise<void> {
    switch (step.type) {
      case "commit":
        this.commits.push(step.quality);
        return this.#interrupt();
      case "edit": {
        const { generation = 0 } = (await this.#environment()).metadata;
        const spec = { timeout: `${generation + 300}s` };
        await this.#cluster.patch(environmentRef, { type: "merge", body: { spec } }, {}, never);
        return this.#interrupt();
      }
      case "restart":
        await this.#life?.end();
        this.#life = this.#begin();
        return;
      case "kill":
        this.#life?.kill();
        this.#life = this.#begin();
        return;
      case "outage":
        return this.#setAway(!this.#away);
      case "time":
        return pass(step.ms);
      case "microtasks":
        for (let n = 0; n < step.n; n += 1) await Promise.resolve();
    }
  }

  #noteFailure(environment: KubeObject): void {
    const failedRevision = stringAt(environment, "status", "failedRevision");
    const failedGeneration = valueAt(environment, "status", "failedGeneration");
    if (failedRevision !== undefined) this.#failed.add(`${this.wanted(failedRevision).image} ${failedGeneration}`);
  }

  async #noteAttempt(image: string): Promise<void> {
    const environment = await this.#cluster.get(environmentRef, never);
    const attempt = `${image} ${environment?.metadata.generation}`;
    if (this.#failed.has(attempt)) this.triedAgain.push(attempt);
  }

  #setAway(away: boolean): void {
    this.#away = away;
    this.#life?.loop.wake();
  }

  #interrupt(): void {
    this.#dueSince = Date.now();
    this.#life?.loop.interrupt("something moved");
  }

  #qualityOf(image: string): Quality {
    const commit = this.commits[Number(image.split(":").at(-1)) - 1];
    return commit === undefined || commit === "invalid" ? "slow" : commit;
  }

  async #environment(): Promise<Environment> {
    const object = await this.#cluster.get(environmentRef, never);
    if (object === undefined) throw new Error("the Environment is gone");
    return readEnvironment(object);
  }

  /** An agent that starts: all it knows is in the cluster. */
  #begin(): Life {
    const killed = new AbortController();
    const cluster = asSeenBy(this.#cluster, killed.signal);
    const watches = createWatchHub(cluster);
    const view = createLiveView(watches, owner);
    const evidence = createEvidenceView(watches);
    const target = applyTarget(readEnvironment(environmentObject(1)), {
      home: cluster,
      cluster,
      watches,
      view,
      evidence,
      vouch: async (manifests) => vouchAsKeyHolder(manifests),
      ownershipPeers: noOwnershipPeers,
      slot: createSlots(1, 0).join(),
    });
    const recorder = createRecorder({ log, record: () => undefined });
    let status: PassContext["status"] | undefined;
    let running = 0;
    const loop = startLoop(async (signal) => {
      running += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, running);
      if (this.#dueSince !== undefined) {
        this.latestStartMs = Math.max(this.latestStartMs, Date.now() - this.#dueSince);
      }
      this.#dueSince = undefined;
      const environment = await this.#environment();
      status ??= createStatusWriter(cluster, "Environment", environment, () => environment.metadata.generation ?? 0);
      const ended = { environment, status, source: undefined, attempted: undefined, started: new Date() };
      try {
        const outcome = await runPass(
          this.#pass({ environment, status, cluster, target, killed: killed.signal }),
          signal,
        );
        loop.wakeIn((await recorder.outcome(ended, outcome, signal)) ?? intervalMs);
      } catch (thrown) {
        if (!signal.aborted) loop.wakeIn((await recorder.error(ended, toFailure(thrown), loop.closing)) ?? intervalMs);
      } finally {
        target.slot.release();
      }
      running -= 1;
    });
    const close = async () => {
      await loop.close();
      await Promise.all([view.close(), watches.close()]);
    };
    return {
      loop,
      end: close,
      kill() {
        killed.abort(new Failure("ClusterUnreachable", { message: "the agent was killed" }));
        void close();
      },
    };
  }

  #pass(
    life: Pick<PassContext, "environment" | "status" | "cluster" | "target"> & { readonly killed: AbortSignal },
  ): PassContext {
    const latest = async () => {
      await Promise.resolve();
      if (this.#away) throw new Failure("SourceUnreachable", { message: "is away" });
      const n = this.commits.length;
      return { revision: { ref: "main", commit: commitOf(n) }, tree: n };
    };
    return {
      ...life,
      rollouts,
      source: { latest, gather: async ({ tree }: { readonly tree: number }) => ({ tree, remotes: new Map() }) },
      snapshots: {
        read: async () => this.#snapshot,
        write: async (snapshot: Snapshot) => {
          await Promise.resolve();
          life.killed.throwIfAborted();
          this.#snapshot = snapshot;
        },
      },
      rendering: renderingHere,
      render: async (n: number) => {
        if (this.commits[n - 1] === "invalid") throw new Failure("RenderFailed", { message: "cannot be rendered" });
        const manifests = [deploymentOf(n), configMapOf(n)].map(manifestOf);
        return [{ name: "", timeoutMs, manifests }];
      },
      unseal: async (manifests: readonly Manifest[]) => manifests,
      sops: undefined,
      checkDependencies: () => undefined,
      record: () => undefined,
      reading: () => undefined,
      attempting: () => undefined,
      logFailure: () => undefined,
    } as unknown as PassContext;
  }
}

interface Life {
  readonly loop: Loop;
  end(): Promise<void>;
  /** Nothing that it still does reaches the cluster. */
  kill(): void;
}

const never = new AbortController().signal;
const log = { warn: () => undefined, info: () => undefined, error: () => undefined } as unknown as Parameters<
  typeof createRecorder
>[0]["log"];

/** The cluster as one agent reaches it: not any more once it was killed. */
function asSeenBy(cluster: MemoryCluster, killed: AbortSignal): Cluster {
  return new Proxy(cluster, {
    get(whole, name) {
      const member: unknown = Reflect.get(whole, name, whole);
      if (typeof member !== "function") return member;
      return (...args: readonly unknown[]) => {
        killed.throwIfAborted();
        return Reflect.apply(member, whole, args) as unknown;
      };
    },
  });
}

/**
 * Lets time pass, in steps between which everything that needs none is done: work in slices gives way to the real event
 * loop, which fake timers do not know of.
 */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; ) {
    const step = Math.min(left, ms - left < 10_000 ? 200 : 5_000);
    await settled();
    vi.advanceTimersByTime(step);
    left -= step;
  }
  await settled();
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

function environmentObject(generation: number): KubeObject {
  return {
    apiVersion,
    kind: "Environment",
    metadata: { ...owner, generation, finalizers: [finalizer] },
    spec: { source: { url: "https://git.invalid/e" }, path: "./", interval: "1m", retryInterval: "1s" },
  };
}

const imageOfCommit = (n: number) => `registry.invalid/web:${n}`;

function deploymentOf(n: number): KubeObject {
  const labels = { app: "web" };
  const spec = { containers: [{ name: "web", image: imageOfCommit(n) }] };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

function configMapOf(n: number): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `commit-${n}`, namespace: "shop" }, data: {} };
}

function ref({ apiVersion: version, kind, metadata: { name, namespace = "" } }: KubeObject) {
  return { apiVersion: version, kind, name, namespace };
}
