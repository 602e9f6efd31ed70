import { conditionOf } from "../../api/conditions.ts";
import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../api/environment/environment-status.ts";
import { pushedAnnotation } from "../../api/names.ts";
import { createSnapshotStore, type SnapshotStore } from "../../environment/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { logThrown } from "../bugs.ts";
import type { ObjectRunner } from "../kernel/controller.ts";
import type { MeasuredEnd } from "../kernel/reconciler.ts";
import { type Runner, startRunner } from "../kernel/runner.ts";
import { type Bindings, createBindings } from "./bindings/bindings.ts";
import type { PassOutcome } from "./decisions/decide.ts";
import { createRecorder, type EnvironmentRecorder, type RecordedPass } from "./decisions/recorder.ts";
import { type ChangeDebouncer, createChangeDebouncer } from "./drift/change-debouncer.ts";
import { createPassTools, type PassCallbacks, type PassTools } from "./pass-tools.ts";
import { reconcileEnvironment } from "./passes/reconcile.ts";
import { resyncAfterRestore } from "./passes/resync.ts";
import { createOwnershipPeers, type Peer } from "./peers/ownership-peers.ts";
import { createPeer, wakingPart } from "./peers/peer.ts";
import type { RunnerContext } from "./runner-context.ts";
import { rewriteMessage } from "./status/source-status.ts";

/**
 * Reconciles one Environment, one pass at a time. While a pass waits for health nothing is held but a promise; a newer
 * commit, an edited spec or a deletion interrupts it.
 */
export class EnvironmentRunner implements ObjectRunner<KubeObject> {
  /** This Environment, as its peers see it. */
  readonly peer: Peer;
  readonly #context: RunnerContext;
  readonly #runner: Runner<Environment, EnvironmentStatus>;
  readonly #recorder: EnvironmentRecorder;
  readonly #snapshots: SnapshotStore;
  readonly #bindings: Bindings;
  readonly #tools: PassTools;
  readonly #changes: ChangeDebouncer;
  /** The pass under way has come to read the newest revision. */
  #reading = false;
  /** The cluster was restored, and the Environment was not resynced since. */
  #restored = false;
  /** The revision that the pass under way is about. */
  #attempted: string | undefined;

  constructor(context: RunnerContext, object: KubeObject) {
    const { name, namespace = "", uid = "" } = object.metadata;
    this.#context = context;
    this.#recorder = createRecorder(context);
    this.#snapshots = createSnapshotStore(context.cluster, { name, namespace, uid });
    this.#runner = this.#start(object);
    this.#changes = createChangeDebouncer({
      isBusy: () => this.#runner.busy,
      target: () => this.#bindings.current,
      isHealthy: () => conditionOf(this.#runner.status?.current ?? {}, "Healthy")?.status === "True",
      wakeIn: this.#runner.wakeIn,
    });
    this.peer = createPeer({
      object: () => this.#runner.object,
      status: () => this.#runner.status?.current,
      source: () => this.#bindings.currentSource,
      lendContent: async (environment, signal) => {
        this.#runner.closing.throwIfAborted();
        return this.#tools.forPeer(environment, () => this.#runner.status ?? { current: environment.status }, signal);
      },
      lendConnection: (environment, signal) => this.#bindings.lendConnection(environment, signal),
      wake: this.#runner.wake,
    });
    const commit = async () => (await this.#bindings.currentSource?.latest(this.#runner.closing))?.revision.commit;
    this.#bindings = createBindings(
      context,
      {
        onSource: (moved) => (moved ? this.#sourceMoved() : this.wake()),
        onObject: (id) => this.#changes.note(id),
        onRewind: () => this.rewound(),
      },
      createOwnershipPeers({ me: this.peer, peers: context.peers, commit, cluster: context.cluster }),
    );
    this.#tools = createPassTools(context, {
      owner: { name, namespace },
      bindings: this.#bindings,
      snapshots: this.#snapshots,
      record: this.#recorder.record,
    });
  }

  update(object: KubeObject): void {
    this.#runner.update(object);
  }

  /** When the newest revision of the repository was last fetched with success. */
  get fetchedAt(): Date | undefined {
    return this.#bindings.currentSource?.fetchedAt;
  }

  /** One more pass; it does not disturb the one under way. */
  wake(): void {
    this.#runner.wake();
  }

  /** The cluster was restored from a backup: what is remembered of it, the status included, may not be true any more. */
  rewound(): void {
    this.#restored = true;
    this.#runner.interrupt("the cluster was restored from a backup");
  }

  /** Resolves when nothing of it runs any more. */
  close(): Promise<void> {
    return this.#runner.close();
  }

  #start(object: KubeObject): Runner<Environment, EnvironmentStatus> {
    return startRunner<Environment, EnvironmentStatus, RecordedPass, PassOutcome>(
      {
        cluster: this.#context.cluster,
        kind: "Environment",
        read: (read) => this.#read(read),
        trigger: wakingPart,
        interrupts: true,
        updated: (before, now) => {
          if (pushedAt(before) !== pushedAt(now)) this.#pushed();
        },
        begin: (run) => this.#begin(run.resource, run),
        pass: (pass, signal) => this.#pass(pass, signal),
        recorder: this.#recorder,
        recorded: (_pass, outcome, signal) => this.#checkChanges(outcome, signal),
        release: () => this.#bindings.current?.slot.release(),
        failed: (failure) => this.#logFailure("a pass failed", failure),
        measure: ({ environment }, ended, ms) => this.#context.measure(environment, { outcome: wordOf(ended), ms }),
        close: () => this.#bindings.close(),
      },
      object,
    );
  }

  #read(object: KubeObject): Environment {
    this.#reading = false;
    this.#attempted = undefined;
    return readEnvironment(object);
  }

  #begin(environment: Environment, run: Pick<RecordedPass, "status" | "started">): RecordedPass {
    const attempted = () => this.#attempted;
    const bindings = () => this.#bindings;
    return {
      environment,
      started: run.started,
      get status() {
        return run.status;
      },
      get source() {
        return bindings().currentSource;
      },
      get attempted() {
        return attempted();
      },
    };
  }

  async #pass(pass: RecordedPass, signal: AbortSignal): Promise<PassOutcome> {
    if (this.#restored) await this.#resync(pass, signal);
    const { cluster, crossNamespaceRefs, abandoned } = this.#context;
    const context = {
      ...{ cluster, crossNamespaceRefs, abandoned, bindings: this.#bindings, tools: this.#tools },
      callbacks: this.#callbacks(),
      record: this.#recorder.record,
      corrected: this.#changes.corrected,
      closing: this.#runner.closing,
    };
    return reconcileEnvironment(context, pass, signal);
  }

  async #resync({ environment, status }: RecordedPass, signal: AbortSignal): Promise<void> {
    this.#restored = false;
    const context = {
      cluster: this.#context.cluster,
      snapshots: this.#snapshots,
      target: (read: Environment) => this.#bindings.target(read, signal),
      known: status.current.inventory ?? { entries: [] },
      statusFrom: this.#runner.statusFrom,
    };
    try {
      const read = await resyncAfterRestore(context, environment, signal);
      if (read !== undefined) this.#runner.useStatus(read);
      this.#context.log.warn({ environment: this.#name }, restored);
    } catch (thrown) {
      this.#restored = true;
      throw thrown;
    }
  }

  /** Checks what was changed during the pass. */
  async #checkChanges({ type }: PassOutcome, signal: AbortSignal): Promise<void> {
    const target = this.#bindings.current;
    if (target === undefined || withoutRollout.includes(type)) return;
    await this.#changes.check(target, () => signal.aborted);
  }

  #callbacks(): PassCallbacks {
    return {
      reading: () => {
        this.#reading = true;
      },
      attempting: (revision) => {
        this.#attempted = revision;
      },
      logFailure: (what, thrown) => this.#logFailure(what, thrown),
    };
  }

  #logFailure(what: string, thrown: unknown): void {
    logThrown(this.#context.log, what, thrown, { environment: this.#name });
  }

  get #name(): string {
    const { namespace, name } = this.#runner.object.metadata;
    return `${namespace}/${name}`;
  }

  #sourceMoved(): void {
    const source = this.#bindings.currentSource;
    const message = source === undefined ? undefined : rewriteMessage(source);
    const environment = this.#runner.resource;
    if (environment !== undefined && message !== undefined)
      this.#recorder.record(environment, { type: "Warning", reason: "BranchRewritten", message });
    // A pass that has not read the newest revision yet will read this one.
    if (!this.#runner.busy || this.#reading) this.#runner.interrupt("the repository has a new revision");
  }

  /** A webhook reported a push. The pass under way goes on until it is known what was pushed. */
  #pushed(): void {
    const environment = this.#runner.resource;
    if (environment === undefined) return;
    this.#bindings.currentSource?.expire();
    this.#context.sources.pushed(environment.spec.source.url);
    this.wake();
  }
}

const restored = "the cluster was restored from a backup: the status was read again, and everything is compared again";

const withoutRollout: readonly PassOutcome["type"][] = ["suspended", "deleted", "abandoned", "deletionHeld"];

/** How a pass ended, in a word for the metrics. */
function wordOf(ended: MeasuredEnd<PassOutcome>): string {
  if (ended.type === "failure") return ended.failure.code;
  if (ended.type === "interrupted") return ended.type;
  return ended.outcome.type === "deletionHeld" ? "held" : ended.outcome.type;
}

const pushedAt = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[pushedAnnotation];
