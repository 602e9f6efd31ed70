import { intervalMilliseconds } from "../../api/duration.ts";
import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { pushedAnnotation } from "../../api/names.ts";
import { atPin, createSnapshotStore, type SnapshotStore } from "../../environment/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { shortRevision } from "../../model/revision.ts";
import { type Bindings, createBindings } from "../bindings.ts";
import { logThrown } from "../bugs.ts";
import { showHookPath } from "../http/webhook/path.ts";
import { type Loop, startLoop } from "../kernel/loop.ts";
import { createChangeDebouncer } from "./drift/change-debouncer.ts";
import { refuseCrossNamespaceRefs } from "./passes/cross-namespace.ts";
import { leave } from "./passes/leave.ts";
import { lookAnew } from "./passes/look-anew.ts";
import { runPass } from "./passes/pass.ts";
import { createOwnershipPeers, type Peer } from "./peers/ownership-peers.ts";
import { createPeer, wakingPart } from "./peers/peer.ts";
import type { RunnerContext } from "./runner-context.ts";
import { rollingOut, suspended, underWay } from "./status/condition-sets.ts";
import { createRecorder, type Recorder } from "./status/recorder.ts";
import { rewriteMessage } from "./status/source-status.ts";
import { conditionOf, createStatusWriter, type StatusWriter } from "./status/status.ts";
import { createWorkshop, type PassNews, type Workshop } from "./workshop.ts";

/**
 * Looks after one Environment: a loop that sleeps until something wakes it, and makes one pass at a time. While a pass
 * waits for health nothing is held but a promise; a newer commit, an edited spec or a deletion interrupts it.
 */
export class Runner {
  /** This Environment, as the others see it. */
  readonly peer: Peer;
  readonly #context: RunnerContext;
  readonly #snapshots: SnapshotStore;
  readonly #workshop: Workshop;
  readonly #loop: Loop;
  #object: KubeObject;
  #environment: Environment | undefined;
  #status: StatusWriter | undefined;
  readonly #attachments: Bindings;
  /** The pass under way has come to read the newest revision. */
  #reading = false;
  /** The cluster was restored, and all that was remembered of it has not been looked at anew yet. */
  #rewound = false;
  /** The revision that the pass under way is about. */
  #attempted: string | undefined;
  readonly #recorder: Recorder;
  readonly #touched = createChangeDebouncer({
    isBusy: () => this.#loop.busy,
    target: () => this.#attachments.current,
    isHealthy: () => this.#isHealthy(),
    wakeIn: (ms) => this.#loop.wakeIn(ms),
  });

  constructor(context: RunnerContext, object: KubeObject) {
    this.#context = context;
    this.#object = object;
    this.#recorder = createRecorder(context);
    const { name, namespace = "", uid } = object.metadata;
    const owner = { name, namespace };
    this.#snapshots = createSnapshotStore(context.cluster, { name, namespace, uid: uid ?? "" });
    this.peer = createPeer({
      object: () => this.#object,
      status: () => this.#status?.current,
      source: () => this.#attachments.currentSource,
      lendDesire: async (environment, signal) => {
        this.#loop.closing.throwIfAborted();
        return this.#workshop.lendDesire(environment, () => this.#status ?? this.#writerOf(environment), signal);
      },
      lendConnection: (environment, signal) => this.#attachments.lendConnection(environment, signal),
      wake: () => this.wake(),
    });
    const commit = async () => (await this.#attachments.currentSource?.latest(this.#loop.closing))?.revision.commit;
    this.#attachments = createBindings(
      context,
      {
        onSource: (moved) => (moved ? this.#moved() : this.wake()),
        onObject: (id) => this.#touched.note(id),
        onRewind: () => this.rewound(),
      },
      createOwnershipPeers({ me: this.peer, peers: context.peers, commit, cluster: context.cluster }),
    );
    const tell: Recorder["tell"] = (environment, event) => this.#recorder.tell(environment, event);
    this.#workshop = createWorkshop(context, {
      owner,
      attachments: this.#attachments,
      snapshots: this.#snapshots,
      tell,
    });
    this.#loop = startLoop((signal) => this.#onePass(signal));
  }

  /** The identity of the Environment; another one under the same name has another. */
  get uid(): string | undefined {
    return this.#object.metadata.uid;
  }

  /** The Environment was changed. What only the status says is no reason to wake. */
  update(object: KubeObject): void {
    const before = this.#object;
    this.#object = object;
    if (pushedAt(before) !== pushedAt(object)) this.#pushed();
    if (wakingPart(before) === wakingPart(object)) return;
    this.interrupt("the Environment was changed");
  }

  /** When the newest revision of the repository was last asked for with success. */
  get fetchedAt(): Date | undefined {
    return this.#attachments.currentSource?.fetchedAt;
  }

  /** Looks again, without disturbing a pass that is under way. */
  wake(): void {
    this.#loop.wake();
  }

  /** Ends the pass under way, and looks again. */
  interrupt(why: string): void {
    this.#loop.interrupt(why);
  }

  /** The cluster was restored from a backup: what is remembered of it, the status included, may not be true any more. */
  rewound(): void {
    this.#rewound = true;
    this.interrupt("the cluster was restored from a backup");
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    await this.#loop.close();
    this.#attachments.close();
  }

  async #onePass(signal: AbortSignal): Promise<void> {
    this.#reading = false;
    this.#attempted = undefined;
    const begun = performance.now();
    const ended = await this.#once(signal, new Date());
    if (this.#environment !== undefined) {
      this.#context.measure(this.#environment, { outcome: ended, ms: performance.now() - begun });
    }
  }

  /** One pass and what follows from it. Never throws; answers with a word for the metrics. */
  async #once(signal: AbortSignal, started: Date): Promise<string> {
    try {
      const environment = readEnvironment(this.#object);
      this.#environment = environment;
      if (this.#rewound) await this.#lookAnew(environment, signal);
      const status = this.#statusOf(environment);
      if (environment.metadata.deletionTimestamp !== undefined) {
        return await this.#leave(environment, status, signal, started);
      }
      if (environment.spec.suspend) return await this.#suspended(status, signal);
      return await this.#makePass(atPin(environment), status, signal, started);
    } catch (thrown) {
      if (signal.aborted) return "interrupted";
      return this.#recordError(toFailure(thrown), started);
    }
  }

  async #lookAnew(environment: Environment, signal: AbortSignal): Promise<void> {
    this.#rewound = false;
    const memory = {
      cluster: this.#context.cluster,
      snapshots: this.#snapshots,
      target: (read: Environment) => this.#attachments.target(read, signal),
      remembered: this.#statusOf(environment).current.inventory ?? { entries: [] },
      writer: (read: Environment) => this.#writerOf(read),
    };
    try {
      this.#status = (await lookAnew(memory, environment, signal)) ?? this.#status;
      this.#context.log.warn(
        { environment: `${environment.metadata.namespace}/${environment.metadata.name}` },
        restored,
      );
    } catch (thrown) {
      this.#rewound = true;
      throw thrown;
    }
  }

  /** What was under way when it was suspended is not any more. */
  async #suspended(status: StatusWriter, signal: AbortSignal): Promise<string> {
    if (conditionOf(status.current, "Reconciling")?.status === "True") {
      await status.write({ conditions: suspended(attemptedBy(status)) }, signal);
    }
    return "suspended";
  }

  /** What goes on may have nothing more to write before it is healthy, and so nothing to say. */
  async #resumed(status: StatusWriter, signal: AbortSignal): Promise<void> {
    if (conditionOf(status.current, "Ready")?.reason !== "Suspended") return;
    await status.write({ conditions: underWay(rollingOut(attemptedBy(status))) }, signal);
  }

  async #leave(environment: Environment, status: StatusWriter, signal: AbortSignal, started: Date): Promise<string> {
    const { cluster, abandoned } = this.#context;
    const wentWrong = (what: string, thrown: unknown) => this.#wentWrong(what, thrown);
    const target = () => this.#attachments.target(environment, signal);
    const context = { cluster, abandoned, target, recorder: this.#recorder, wentWrong };
    const ended = await leave(context, { environment, status, started }, signal);
    if (ended === "held") this.#loop.wakeIn(intervalMilliseconds(environment.spec.interval));
    return ended;
  }

  async #makePass(environment: Environment, status: StatusWriter, signal: AbortSignal, started: Date): Promise<string> {
    if (!this.#context.crossNamespaceRefs) refuseCrossNamespaceRefs(environment);
    const { cluster } = this.#context;
    await showHookPath(cluster, environment, status, signal);
    await this.#resumed(status, signal);
    this.#loop.closing.throwIfAborted();
    const pass = await this.#workshop.passContext(environment, { ...this.#news(), status }, signal);
    try {
      const outcome = await runPass(pass, signal);
      if (outcome?.type === "maintained" && outcome.corrected.length > 0) this.#touched.corrected();
      const retryMs = await this.#recorder.outcome({ ...pass, started, attempted: this.#attempted }, outcome, signal);
      if (retryMs !== undefined) this.#loop.wakeIn(retryMs);
      this.#loop.wakeIn(intervalMilliseconds(environment.spec.interval));
      await this.#touched.look(pass.target, () => signal.aborted);
      return outcome?.type ?? "idle";
    } finally {
      pass.target.slot.release();
    }
  }

  #statusOf(environment: Environment): StatusWriter {
    this.#status ??= this.#writerOf(environment);
    return this.#status;
  }

  #writerOf(environment: Environment): StatusWriter {
    return createStatusWriter(this.#context.cluster, environment, () => this.#object.metadata.generation ?? 0);
  }

  #news(): PassNews {
    return {
      reading: () => {
        this.#reading = true;
      },
      attempting: (revision) => {
        this.#attempted = revision;
      },
      wentWrong: (what, thrown) => this.#wentWrong(what, thrown),
    };
  }

  #wentWrong(what: string, thrown: unknown): void {
    const { name, namespace } = this.#object.metadata;
    logThrown(this.#context.log, what, thrown, { environment: `${namespace}/${name}` });
  }

  async #recordError(failure: Failure, started: Date): Promise<string> {
    this.#wentWrong("a pass failed", failure);
    const environment = this.#environment;
    const status = this.#status;
    if (environment === undefined || status === undefined) return failure.code;
    const pass = { environment, status, source: this.#attachments.currentSource, started, attempted: this.#attempted };
    this.#loop.wakeIn(await this.#recorder.error(pass, failure, this.#loop.closing));
    return failure.code;
  }

  #moved(): void {
    const source = this.#attachments.currentSource;
    const message = source === undefined ? undefined : rewriteMessage(source);
    if (this.#environment !== undefined && message !== undefined)
      this.#recorder.tell(this.#environment, { type: "Warning", reason: "BranchRewritten", message });
    // A pass that has not come to the newest revision yet, but has perhaps asked for it, needs not begin again.
    if (!this.#loop.busy || this.#reading) this.interrupt("the repository has a new revision");
  }

  /** A webhook told of a push. What is under way goes on until it is known what was pushed. */
  #pushed(): void {
    if (this.#environment === undefined) return;
    this.#attachments.currentSource?.expire();
    this.#context.sources.pushed(this.#environment.spec.source.url);
    this.wake();
  }

  #isHealthy(): boolean {
    return conditionOf(this.#status?.current ?? {}, "Healthy")?.status === "True";
  }
}

/** The revision of the attempt under way, in short. */
function attemptedBy({ current }: StatusWriter): string {
  return shortRevision(current.attempt?.revision ?? current.lastAttemptedRevision ?? "");
}

const restored = "the cluster was restored from a backup: the status was read again, and everything is compared anew";

const pushedAt = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[pushedAnnotation];
