import { type Alarm, after, every, guarded, soon } from "../clock/index.ts";
import { inParallel, type ObjectRef } from "../cluster/index.ts";
import { assess, needsWatch, reassessMs, stuckPods } from "../health/index.ts";
import { type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import { compareVersions } from "../model/resource-version.ts";
import type { Verdict } from "../model/verdict.ts";
import { isTerminating } from "../plan/index.ts";
import type { Tracked } from "./kind-use.ts";
import { isWhole, typeKey } from "./resolve.ts";
import type { KubeObjectRef, Target } from "./target.ts";
import { type Unhealthy, unhealthyFailure } from "./unhealthy.ts";
import { describeDeletion } from "./wait-for.ts";

/** What is to become healthy, and by when. */
export interface Wait {
  readonly objects: readonly KubeObjectRef[];
  /** The resourceVersion of what was written, by inventory id: what the watch has not caught up with says nothing yet. */
  readonly written: ReadonlyMap<string, string>;
  /** When the attempt began. */
  readonly since: Date;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Going back from a failed revision: pods of it that would block that for ever are deleted. */
  readonly freesStuckPods: boolean;
  /** Makes an object again that is gone; answers with its resourceVersion where it did. Absent for the objects of others. */
  readonly remake?: (id: ObjectId, signal: AbortSignal) => Promise<string | undefined>;
  /** Values that must not be quoted from a log; undefined where they are not known, and so no log is read. */
  readonly secrets: (() => readonly string[]) | undefined;
}

/**
 * Resolves when every object is healthy. Throws `Failure`: HealthFailed as soon as one certainly will not be,
 * HealthTimeout at the deadline, each naming file, object, pod, container and cause, with the last lines of the log;
 * ClusterUnreachable instead when a watch is cut off at the deadline; Interrupted where the view is closed meanwhile; or the
 * signal's reason. Driven by watches.
 */
export async function waitForHealth(target: Target, wait: Wait, ends: AbortSignal): Promise<void> {
  // What a closed view does not show says nothing against the revision.
  const signal = AbortSignal.any([ends, target.view.closed]);
  await trackInTime(target, wait, signal);
  signal.throwIfAborted();
  const waiting = new HealthWait(target, wait);
  const onAbort = () => waiting.giveUp(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const unhealthy = await waiting.outcome;
    if (unhealthy === undefined) return;
    const failure = await unhealthyFailure(target, unhealthy, wait.secrets?.(), signal);
    signal.throwIfAborted();
    throw failure;
  } finally {
    signal.removeEventListener("abort", onAbort);
    waiting.close();
  }
}

/** Evidence is three watches a namespace: not for what takes a moment. */
const patienceMs = 500;

/** One wait: the verdicts so far, and what wakes it. */
class HealthWait {
  /** Undefined when all is healthy. */
  readonly outcome: Promise<Unhealthy | undefined>;
  readonly #target: Target;
  readonly #wait: Wait;
  readonly #done = Promise.withResolvers<Unhealthy | undefined>();
  readonly #wanted: ReadonlyMap<string, KubeObjectRef>;
  /** What is not known to be healthy; an object that falls ill again comes back. */
  readonly #open: Map<string, KubeObjectRef>;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #followed = new Map<string, () => void>();
  /** The resourceVersions of what was written, before the wait or in it. */
  readonly #written = new Map<string, string>();
  /** What is being made again. */
  readonly #remade = new Set<string>();
  /** The uids of pods whose deletion was asked for. */
  readonly #freed = new Set<string>();
  readonly #stopped = new AbortController();
  readonly #unsubscribe: () => void;
  /** What was written and is there as the watch shows it, or later. */
  readonly #seen = new Set<string>();
  readonly #tick: Alarm;
  readonly #timeout: Alarm;
  readonly #patience: Alarm;
  /** It takes long enough to look at pods and events. Most of what is applied is healthy before that. */
  #curious = false;
  #scheduled: Alarm | undefined;

  constructor(target: Target, wait: Wait) {
    this.#target = target;
    this.#wait = { ...wait, written: this.#written };
    for (const [key, version] of wait.written) this.#written.set(key, version);
    this.outcome = this.#done.promise;
    this.#wanted = new Map(wait.objects.map((object) => [formatId(object.id), object]));
    this.#open = new Map(this.#wanted);
    const failed = (failure: Failure) => this.giveUp(failure);
    this.#unsubscribe = target.view.onChange(
      target.owner,
      guarded((id: ObjectId, object: KubeObject | undefined) => {
        this.#reopen(formatId(id));
        if (object === undefined) this.#remake(id);
      }, failed),
    );
    this.#tick = every(reassessMs, () => this.#lookAgain(), failed);
    this.#patience = after(patienceMs, () => this.#lookCloser(), failed);
    const left = Math.max(0, wait.deadline - Date.now());
    this.#timeout = after(left, () => this.#timeIsUp(), failed);
    guarded(() => this.#judgeOpen(), failed)();
  }

  giveUp(reason: unknown): void {
    this.#done.reject(reason);
  }

  close(): void {
    this.#stopped.abort();
    for (const alarm of [this.#tick, this.#patience, this.#timeout, this.#scheduled]) alarm?.stop();
    this.#unsubscribe();
    for (const release of this.#followed.values()) release();
  }

  /** Own writes that are not seen by now were missed by a watch, however sound it looks. */
  #lookAgain(): void {
    for (const { id } of this.#open.values()) {
      if (this.#isUnseen(id)) this.#target.view.renew(id);
      if (this.#target.view.get(id) === undefined) this.#remake(id);
    }
    this.#lookForUnseen();
    void this.#trackAgain();
    this.#judgeOpen();
  }

  /** A kind may be served only now, as one that another environment defines. */
  async #trackAgain(): Promise<void> {
    const unseen = [...this.#open.values()].filter(({ id }) => this.#target.view.get(id) === undefined);
    try {
      if (unseen.length > 0) await trackKinds(this.#target, unseen, this.#stopped.signal);
      if (!this.#stopped.signal.aborted) this.#judgeLater();
    } catch (thrown) {
      // What cannot be listed now is tried again with the next look, and told at the deadline.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") this.giveUp(failure);
    }
  }

  /** Somebody deleted what is waited for, or its earlier self has taken the write with it. */
  #remake(id: ObjectId): void {
    const key = formatId(id);
    const { remake } = this.#wait;
    if (remake === undefined || !this.#wanted.has(key) || this.#remade.has(key)) return;
    this.#remade.add(key);
    remake(id, this.#stopped.signal)
      .then((version) => {
        if (version !== undefined) this.#written.set(key, version);
        this.#reopen(key);
      })
      .catch((thrown: unknown) => {
        const failure = toFailure(thrown);
        // What the way there is to blame for is tried again with the next look.
        if (failure.code === "Bug" || failureClasses[failure.code].nature === "failure") this.giveUp(failure);
      })
      .finally(() => this.#remade.delete(key));
  }

  #lookCloser(): void {
    this.#curious = true;
    this.#lookForUnseen();
    this.#judgeOpen();
  }

  #reopen(key: string): void {
    const object = this.#wanted.get(key);
    if (object === undefined) return;
    this.#open.set(key, object);
    this.#judgeLater();
  }

  /** Many changes often arrive together: they are judged once. */
  #judgeLater(): void {
    const judge = () => {
      this.#scheduled = undefined;
      this.#judgeOpen();
    };
    this.#scheduled ??= soon(judge, (failure) => this.giveUp(failure));
  }

  /** Whether the view may be older than what was written. Where versions have no order, it is until the API server says otherwise. */
  #isUnseen(id: ObjectId): boolean {
    const key = formatId(id);
    const written = this.#wait.written.get(key);
    if (written === undefined || this.#seen.has(key)) return false;
    const seen = this.#target.view.get(id)?.metadata.resourceVersion;
    return seen === undefined || (compareVersions(seen, written) ?? -1) < 0;
  }

  /** Versions without an order do not tell whether another one came before or after our write: the object itself is asked for. */
  #lookForUnseen(): void {
    for (const [key, { id, apiVersion }] of this.#open) {
      const written = this.#wait.written.get(key);
      const seen = this.#target.view.get(id)?.metadata.resourceVersion;
      if (written === undefined || seen === undefined || compareVersions(seen, written) !== undefined) continue;
      if (!this.#seen.has(key)) void this.#confirm({ apiVersion, ...id }, id);
    }
  }

  async #confirm(ref: ObjectRef, id: ObjectId): Promise<void> {
    try {
      const there = await this.#target.cluster.get(ref, this.#stopped.signal);
      const seen = this.#target.view.get(id);
      if (this.#stopped.signal.aborted) return;
      if (there === undefined || there.metadata.resourceVersion !== seen?.metadata.resourceVersion) return;
      this.#seen.add(formatId(id));
      this.#judgeLater();
    } catch (thrown) {
      // An API server that does not answer now is asked again with the next look.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") this.giveUp(failure);
    }
  }

  #judgeOpen(): void {
    for (const [key, object] of this.#open) {
      const verdict = judge(this.#target, this.#wait, object, this.#isUnseen(object.id));
      this.#verdicts.set(key, verdict);
      if (verdict.state === "current") this.#open.delete(key);
      else {
        if (this.#curious) this.#follow(object.id.namespace);
        if (this.#wait.freesStuckPods) this.#freeStuckPods(object.id);
      }
    }
    const failed = [...this.#verdicts.values()].some((verdict) => verdict.state === "failed");
    if (failed) this.#done.resolve(this.#unhealthy("HealthFailed"));
    else if (this.#open.size === 0) this.#done.resolve(undefined);
  }

  /** A StatefulSet does not replace a pod of a newer revision that never becomes ready (kubernetes/kubernetes#67250). */
  #freeStuckPods(id: ObjectId): void {
    const object = this.#target.view.get(id);
    if (object === undefined || this.#isUnseen(id)) return;
    for (const { metadata } of stuckPods({ object, ...this.#target.evidence.of(object) })) {
      const { uid, name, namespace = "" } = metadata;
      if (uid === undefined || this.#freed.has(uid)) continue;
      this.#freed.add(uid);
      const ref = { apiVersion: "v1", kind: "Pod", namespace, name };
      const options = { uid, propagation: "Background" } as const;
      this.#target.cluster.delete(ref, options, this.#stopped.signal).catch((thrown: unknown) => {
        const failure = toFailure(thrown);
        if (failure.code === "Bug") this.giveUp(failure);
        // Tried again when it is judged next.
        this.#freed.delete(uid);
      });
    }
  }

  #follow(namespace: string): void {
    if (namespace === "" || this.#followed.has(namespace)) return;
    this.#followed.set(
      namespace,
      this.#target.evidence.follow(namespace, () => this.#judgeLater()),
    );
  }

  /** Why it cannot be told at the deadline what is healthy: an error of the way there says nothing against the revision. */
  #blindness(): Failure | undefined {
    return blindness(this.#target, this.#open.values());
  }

  #timeIsUp(): void {
    const blindness = this.#blindness();
    if (blindness === undefined) this.#done.resolve(this.#unhealthy("HealthTimeout"));
    else this.giveUp(blindness);
  }

  #unhealthy(code: Unhealthy["code"]): Unhealthy {
    const states: readonly Verdict["state"][] =
      code === "HealthFailed" ? ["failed"] : ["failed", "inProgress", "terminating", "notFound"];
    const objects = this.#wait.objects.flatMap((object) => {
      const verdict = this.#verdicts.get(formatId(object.id));
      return verdict === undefined || !states.includes(verdict.state) ? [] : [{ object, verdict }];
    });
    return { code, objects };
  }
}

function judge(target: Target, wait: Wait, { id }: KubeObjectRef, unseen: boolean): Verdict {
  const object = target.view.get(id);
  const written = wait.written.get(formatId(id));
  if (object === undefined && written === undefined) return { state: "inProgress", message: "does not exist" };
  if (object === undefined || unseen) {
    return { state: "inProgress", message: "written, not seen yet" };
  }
  if (isTerminating(object)) return { state: "terminating", message: describeDeletion(object) };
  if (!needsWatch(id.group, id.kind, target.healthRules)) return { state: "current", message: "exists" };
  const evidence = { object, ...target.evidence.of(object), since: wait.since };
  return assess(evidence, new Date(), target.healthRules);
}

/** Tracks the kinds within the time of the wait: what cannot be listed by then says nothing against the revision. */
async function trackInTime(target: Target, wait: Wait, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(Math.max(1, wait.deadline - Date.now()));
  try {
    await trackKinds(target, wait.objects, AbortSignal.any([signal, limit]));
  } catch (thrown) {
    signal.throwIfAborted();
    if (!limit.aborted) throw thrown;
    throw blindness(target, wait.objects) ?? thrown;
  }
}

function blindness(target: Target, objects: Iterable<KubeObjectRef>): Failure | undefined {
  return [...objects].map(({ id }) => target.view.failure(id)).find((each) => each !== undefined);
}

async function trackKinds(target: Target, objects: readonly KubeObjectRef[], signal: AbortSignal): Promise<void> {
  const kinds = Map.groupBy(objects, ({ apiVersion, id }) => typeKey(apiVersion, id.kind));
  const tracked = await inParallel(
    [...kinds.values()],
    8,
    async (members): Promise<readonly Tracked[]> => {
      const [first] = members;
      if (first === undefined) return [];
      const type = await target.cluster.resource(first.apiVersion, first.id.kind, signal);
      const namespaces = [...new Set(members.map((member) => member.id.namespace))];
      return type === undefined ? [] : [{ type, namespaces, whole: isWhole(target, type) }];
    },
    signal,
  );
  await target.view.track(tracked.flat(), signal);
}
