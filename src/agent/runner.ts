import { milliseconds } from "../api/duration.ts";
import { type Environment, readEnvironment } from "../api/environment.ts";
import { pushedAnnotation } from "../api/names.ts";
import { Failure, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import { createStageRenderer, isIll, type Target } from "../rollout/index.ts";
import { decryptManifests } from "../seal/index.ts";
import { type Attachments, createAttachments, type Shared } from "./attachments.ts";
import { refuseCrossNamespaceRefs } from "./cross-namespace.ts";
import { readSopsKeys } from "./decryption.ts";
import { checkDependencies, type FindEnvironment } from "./dependencies.ts";
import { createBrake } from "./drift-brake.ts";
import { ensureFinalizer, finalize } from "./finalize.ts";
import type { Log } from "./log.ts";
import { createOthers, type Peer } from "./others.ts";
import { type Circumstances, type Decision, decide, decideError, type Happening } from "./outcome.ts";
import { type PassContext, runPass } from "./pass.ts";
import { createPeer, wakingPart } from "./peer.ts";
import { atPin, isPinned, showPin } from "./pin.ts";
import type { SealingKeys } from "./sealing-keys.ts";
import { createSnapshotStore, type SnapshotStore } from "./snapshots.ts";
import { rewriteMessage, withSource } from "./source-status.ts";
import { conditionOf, createStatusWriter, type StatusWriter } from "./status.ts";
import { createWakeup } from "./wakeup.ts";
import { showHookPath } from "./webhook/path.ts";

/** What all runners share. */
export interface RunnerContext extends Shared {
  readonly keys: SealingKeys;
  readonly find: FindEnvironment;
  /** All Environments of the agent, as they see each other. */
  readonly peers: () => readonly Peer[];
  /** Whether Environments may refer to objects of other namespaces. */
  readonly crossNamespaceRefs: boolean;
  /** Tells the world; must not throw. */
  readonly happen: (environment: Environment, happening: Happening) => void;
  /** Told the end of every pass, for the metrics. */
  readonly measure: (environment: Environment, ended: { readonly outcome: string; readonly ms: number }) => void;
  readonly log: Log;
}

/**
 * Looks after one Environment: a loop that sleeps until something wakes it, and makes one pass at a time. While a pass
 * waits for health nothing is held but a promise; a newer commit, an edited spec or a deletion interrupts it.
 */
export class Runner {
  /** This Environment, as the others see it. */
  readonly peer: Peer;
  readonly #context: RunnerContext;
  readonly #snapshots: SnapshotStore;
  readonly #render = createStageRenderer();
  readonly #wakeup = createWakeup();
  readonly #driftBrake = createBrake();
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #object: KubeObject;
  #environment: Environment | undefined;
  #status: StatusWriter | undefined;
  readonly #attachments: Attachments;
  #pass: AbortController | undefined;
  #errors = 0;
  #told = "";
  /** Objects that changed during a pass; most of it is the pass's own doing. */
  readonly #touched = new Map<string, ObjectId>();

  constructor(context: RunnerContext, object: KubeObject) {
    this.#context = context;
    this.#object = object;
    const { name, namespace = "", uid } = object.metadata;
    this.#snapshots = createSnapshotStore(context.cluster, { name, namespace, uid: uid ?? "" });
    this.peer = createPeer({
      object: () => this.#object,
      status: () => this.#status?.current,
      source: () => this.#attachments.currentSource,
      pass: (environment, signal) => this.#passContext(environment, signal),
      wake: () => this.wake(),
    });
    const commit = async () => (await this.#attachments.currentSource?.latest(this.#closing.signal))?.revision.commit;
    this.#attachments = createAttachments(
      context,
      {
        onSource: (moved) => (moved ? this.#moved() : this.wake()),
        onObject: (id) => this.#touch(id),
      },
      createOthers({ me: this.peer, peers: context.peers, commit, cluster: context.cluster }),
    );
    this.#wakeup.now();
    this.#ended = this.#loop();
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
    this.#wakeup.now();
  }

  /** Ends the pass under way, and looks again. */
  interrupt(why: string): void {
    this.#pass?.abort(new Failure("Interrupted", { message: why }));
    this.#wakeup.now();
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Failure("Interrupted", { message: "the agent is stopping" }));
    this.#attachments.close();
    this.#wakeup.now();
    await this.#ended;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#wakeup.wait();
      if (signal.aborted) return;
      const pass = new AbortController();
      this.#pass = pass;
      const started = new Date();
      const ended = await this.#once(AbortSignal.any([signal, pass.signal]), started);
      this.#attachments.current?.turn.end();
      this.#pass = undefined;
      if (this.#environment !== undefined) {
        this.#context.measure(this.#environment, { outcome: ended, ms: Date.now() - started.getTime() });
      }
    }
  }

  /** One pass and what follows from it. Never throws; answers with a word for the metrics. */
  async #once(signal: AbortSignal, started: Date): Promise<string> {
    try {
      const environment = readEnvironment(this.#object);
      this.#environment = environment;
      const status = this.#statusOf(environment);
      if (environment.metadata.deletionTimestamp !== undefined) {
        // By its own memory: the watch may not have shown yet what the last pass came to own.
        const remembered = { ...environment, status: status.current };
        await finalize(this.#context.cluster, remembered, () => this.#attachments.target(environment, signal), signal);
        return "deleted";
      }
      if (environment.spec.suspend) return "suspended";
      await ensureFinalizer(this.#context.cluster, environment, signal);
      return await this.#makePass(atPin(environment), status, signal, started);
    } catch (thrown) {
      if (signal.aborted) return "interrupted";
      return this.#recordError(toFailure(thrown), started);
    }
  }

  async #makePass(environment: Environment, status: StatusWriter, signal: AbortSignal, started: Date): Promise<string> {
    if (!this.#context.crossNamespaceRefs) refuseCrossNamespaceRefs(environment);
    const { cluster } = this.#context;
    await showHookPath(cluster, environment, status, signal);
    const pass = await this.#passContext(environment, signal);
    const outcome = await runPass(pass, signal);
    this.#errors = 0;
    if (outcome?.type === "maintained" && outcome.corrected.length > 0) this.#driftBrake.hit();
    const decision =
      outcome === undefined ? nothingNew : decide(outcome, this.#circumstances(environment, status, started));
    await this.#carryOut(environment, status, isPinned(environment) ? showPin(decision) : decision, signal);
    this.#wakeup.in(milliseconds(environment.spec.interval));
    this.#lookAtTouched(pass.target);
    return outcome?.type ?? "idle";
  }

  #statusOf(environment: Environment): StatusWriter {
    const { cluster } = this.#context;
    this.#status ??= createStatusWriter(cluster, environment, () => this.#object.metadata.generation ?? 0);
    return this.#status;
  }

  /** What a pass over the Environment works with; `environment` is at its pin, where it has one. */
  async #passContext(environment: Environment, signal: AbortSignal): Promise<PassContext> {
    this.#closing.signal.throwIfAborted();
    const { cluster, keys, find } = this.#context;
    const target = await this.#attachments.target(environment, signal);
    const source = await this.#attachments.source(environment, signal);
    const sopsKeys = await readSopsKeys(cluster, environment, signal);
    return {
      environment,
      status: this.#statusOf(environment),
      source,
      target,
      snapshots: this.#snapshots,
      render: this.#render,
      unseal: async (manifests) => decryptManifests(await keys.unseal(manifests), sopsKeys),
      sopsKeys,
      cluster,
      checkDependencies: () => checkDependencies(environment, find),
      happen: (happening) => this.#tell(environment, happening),
    };
  }

  async #recordError(failure: Failure, started: Date): Promise<string> {
    this.#errors += 1;
    const { log } = this.#context;
    const environment = this.#environment;
    const status = this.#status;
    const { name, namespace } = this.#object.metadata;
    log.warn({ environment: `${namespace}/${name}`, code: failure.code, problems: failure.problems }, "a pass failed");
    if (failure.code === "Bug") log.error({ stack: framesOf(failure.cause) }, "this is a bug in mooring");
    if (environment === undefined || status === undefined) return failure.code;
    const decision = decideError(failure, this.#circumstances(environment, status, started));
    try {
      await this.#carryOut(environment, status, decision, this.#closing.signal);
    } catch (thrown) {
      log.warn(
        { environment: `${namespace}/${name}`, code: toFailure(thrown).code },
        "the status could not be written",
      );
    }
    this.#wakeup.in(decision.retryMs ?? milliseconds(environment.spec.interval));
    return failure.code;
  }

  async #carryOut(
    environment: Environment,
    status: StatusWriter,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<void> {
    const source = this.#attachments.currentSource;
    const shown = source === undefined ? decision.status : withSource(decision.status, source, status.current);
    const fields = { observedGeneration: environment.metadata.generation ?? 0, ...shown.fields };
    await status.write({ ...shown, fields }, signal);
    if (decision.happening !== undefined) this.#tell(environment, decision.happening);
    if (decision.retryMs !== undefined) this.#wakeup.in(decision.retryMs);
  }

  /** Tells a thing once: what was told last, or stands in the status already, is no news. */
  #tell(environment: Environment, happening: Happening): void {
    const text = `${happening.reason} ${happening.message}`;
    if (text === this.#told && happening.reason !== "DriftCorrected") return;
    this.#told = text;
    this.#context.happen(environment, happening);
  }

  #moved(): void {
    const source = this.#attachments.currentSource;
    const message = source === undefined ? undefined : rewriteMessage(source);
    if (this.#environment !== undefined && message !== undefined)
      this.#tell(this.#environment, { type: "Warning", reason: "BranchRewritten", message });
    this.interrupt("the repository has a new revision");
  }

  /** A webhook told of a push. What is under way goes on until it is known what was pushed. */
  #pushed(): void {
    if (this.#environment === undefined) return;
    this.#attachments.currentSource?.expire();
    this.#context.sources.pushed(this.#environment.spec.source.url);
    this.wake();
  }

  /** An object of the environment changed. Wakes only where there is something to do about it. */
  #touch(id: ObjectId): void {
    this.#touched.set(formatId(id), id);
    const target = this.#attachments.current;
    if (this.#pass === undefined && target !== undefined) this.#lookAtTouched(target);
  }

  #lookAtTouched(target: Target): void {
    const concerning = [...this.#touched.values()].some((id) => this.#concerns(target, id));
    this.#touched.clear();
    if (concerning) this.#wakeup.in(Math.max(settleMs, this.#driftBrake.pauseMs()));
  }

  /** Drift, or a change of health. */
  #concerns(target: Target, id: ObjectId): boolean {
    const live = target.view.get(id);
    if (live === undefined || !target.verified.unmoved(id, live)) return true;
    const healthy = conditionOf(this.#status?.current ?? {}, "Healthy")?.status;
    return isIll(target, id) === (healthy === "True");
  }

  #circumstances(environment: Environment, status: StatusWriter, started: Date): Circumstances {
    return { spec: environment.spec, before: status.current, started, now: new Date(), errors: this.#errors };
  }
}

const nothingNew: Decision = { status: {}, happening: undefined, retryMs: undefined };

const pushedAt = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[pushedAnnotation];

/** Several changes often come together: they are met with one pass. */
const settleMs = 20;

/** Where an unexpected error was thrown. Its message is left out: it may quote what it was about, a Secret perhaps. */
function framesOf(cause: unknown): readonly string[] {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}
