import { type Alarm, after, createPace, every, guarded, soon } from "../../clock/index.ts";
import { assess, needsWatch, reassessMs } from "../../health/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import type { Verdict } from "../../model/verdict.ts";
import { isTerminating } from "../../plan/index.ts";
import { type Unhealthy, unhealthyFailure } from "../diagnosis/unhealthy.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";
import { PodFreer } from "./free-stuck-pods.ts";
import { OwnWrites } from "./own-writes.ts";
import { type Remake, Remaker } from "./remaker.ts";
import { blindness, trackInTime, trackKinds } from "./track-kinds.ts";
import { describeDeletion } from "./until-gone.ts";

/** What is to become healthy, and by when. */
export interface Wait {
  readonly objects: readonly KubeObjectRef[];
  /** The resourceVersion of what was written, by inventory id: what the watch has not caught up with says nothing yet. */
  readonly written: ReadonlyMap<string, string>;
  /** When the attempt began. */
  readonly since: Date;
  /** In milliseconds of the monotonic clock: `performance.now()`. */
  readonly deadline: number;
  /** Going back from a failed revision: pods of it that would block that for ever are deleted. */
  readonly freesStuckPods: boolean;
  /** Absent for the objects of others. */
  readonly remake?: Remake;
  /** Values that must not be quoted from a log; undefined where they are not known, and so no log is read. */
  readonly secrets: (() => Promise<readonly string[]>) | undefined;
}

/**
 * Resolves when every object is healthy. Throws `Failure`: HealthFailed as soon as one certainly will not be,
 * HealthTimeout at the deadline, each naming file, object, pod, container and cause, with the last lines of the log;
 * ClusterUnreachable instead when a watch is cut off at the deadline; Interrupted where the view is closed meanwhile; or the
 * signal's reason. Driven by watches.
 */
export async function waitForHealth(target: ApplyTarget, wait: Wait, ends: AbortSignal): Promise<void> {
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
    const failure = await unhealthyFailure(target, unhealthy, await wait.secrets?.(), signal);
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
  readonly #target: ApplyTarget;
  readonly #wait: Wait;
  readonly #done = Promise.withResolvers<Unhealthy | undefined>();
  readonly #wanted: ReadonlyMap<string, KubeObjectRef>;
  /** What is not known to be healthy; an object that falls ill again comes back. */
  readonly #open: Map<string, KubeObjectRef>;
  /** What of that is to be judged anew. */
  readonly #due = new Set<string>();
  readonly #verdicts = new Map<string, Verdict>();
  /** Whose last verdict is that they failed. */
  readonly #failed = new Set<string>();
  readonly #followed = new Map<string, () => void>();
  /** What was written before the wait or in it. */
  readonly #own: OwnWrites;
  readonly #remaker: Remaker | undefined;
  readonly #pods: PodFreer;
  readonly #stopped = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #tick: Alarm;
  readonly #timeout: Alarm;
  readonly #patience: Alarm;
  /** It takes long enough to look at pods and events. Most of what is applied is healthy before that. */
  #collectEvidence = false;
  /** The deadline has passed: what is open when all has been judged once more has failed. */
  #late = false;
  /** Objects are being judged, or about to be. */
  #judging = false;
  #scheduled: Alarm | undefined;

  constructor(target: ApplyTarget, wait: Wait) {
    this.#target = target;
    this.#wait = wait;
    this.outcome = this.#done.promise;
    this.#wanted = new Map(wait.objects.map((object) => [formatId(object.id), object]));
    this.#open = new Map(this.#wanted);
    const failed = (failure: Failure) => this.giveUp(failure);
    this.#own = new OwnWrites(target, wait.written, { seen: (key) => this.#reopen(key), failed });
    this.#pods = new PodFreer(target, failed);
    this.#remaker = wait.remake && new Remaker(wait.remake, { remade: (...made) => this.#isRemade(...made), failed });
    this.#unsubscribe = target.view.onChange(
      target.owner,
      guarded((id: ObjectId, object: KubeObject | undefined) => {
        this.#reopen(formatId(id));
        if (object === undefined) this.#remake(id);
      }, failed),
    );
    this.#tick = every(reassessMs, () => this.#lookAgain(), failed);
    this.#patience = after(patienceMs, () => this.#lookCloser(), failed);
    const left = Math.max(0, wait.deadline - performance.now());
    this.#timeout = after(left, () => this.#timeIsUp(), failed);
    this.#judgeAll();
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
      if (this.#own.isUnseen(id)) this.#target.view.renew(id);
      if (this.#target.view.get(id) === undefined) this.#remake(id);
    }
    this.#own.askForUnseen(this.#open.values(), this.#stopped.signal);
    void this.#trackAgain();
    this.#judgeAll();
  }

  /** A kind may be served only now, as one that another environment defines. */
  async #trackAgain(): Promise<void> {
    const unseen = [...this.#open.values()].filter(({ id }) => this.#target.view.get(id) === undefined);
    try {
      if (unseen.length > 0) await trackKinds(this.#target, unseen, this.#stopped.signal);
      for (const { id } of unseen) this.#reopen(formatId(id));
    } catch (thrown) {
      // What cannot be listed now is tried again with the next look, and told at the deadline.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") this.giveUp(failure);
    }
  }

  #remake(id: ObjectId): void {
    if (this.#wanted.has(formatId(id))) void this.#remaker?.lookAfter(id, this.#stopped.signal);
  }

  #isRemade(key: string, version: string | undefined): void {
    if (version !== undefined) this.#own.note(key, version);
    this.#reopen(key);
  }

  #lookCloser(): void {
    this.#collectEvidence = true;
    this.#own.askForUnseen(this.#open.values(), this.#stopped.signal);
    this.#judgeAll();
  }

  #reopen(key: string): void {
    const object = this.#wanted.get(key);
    if (object === undefined) return;
    this.#open.set(key, object);
    this.#due.add(key);
    this.#judgeLater();
  }

  #judgeAll(namespace?: string): void {
    for (const [key, { id }] of this.#open) {
      if (namespace === undefined || id.namespace === namespace) this.#due.add(key);
    }
    this.#judgeLater();
  }

  /** Many changes often arrive together: they are judged once. */
  #judgeLater(): void {
    if (this.#judging || this.#stopped.signal.aborted) return;
    this.#judging = true;
    const failed = (thrown: unknown) => this.giveUp(toFailure(thrown));
    this.#scheduled = soon(() => void this.#judgeDue().catch(failed), failed);
  }

  /** Judges what is due, in slices between which others have their turn, and then all of it together. */
  async #judgeDue(): Promise<void> {
    const pace = createPace();
    const due = [...this.#due];
    this.#due.clear();
    for (const key of due) {
      if (this.#stopped.signal.aborted) return;
      const object = this.#open.get(key);
      if (object !== undefined) this.#judgeOne(key, object);
      await pace();
    }
    this.#judging = false;
    this.#settle();
    if (this.#due.size > 0) this.#judgeLater();
  }

  #judgeOne(key: string, object: KubeObjectRef): void {
    const verdict = judge(this.#target, this.#wait.since, object, this.#own);
    this.#verdicts.set(key, verdict);
    if (verdict.state === "failed") this.#failed.add(key);
    else this.#failed.delete(key);
    if (verdict.state === "current") {
      this.#open.delete(key);
      return;
    }
    if (this.#collectEvidence) this.#follow(object.id.namespace);
    const live = this.#target.view.get(object.id);
    const isKnown = live !== undefined && !this.#own.isUnseen(object.id);
    if (this.#wait.freesStuckPods && isKnown) this.#pods.free(live, this.#stopped.signal);
  }

  #settle(): void {
    if (this.#failed.size > 0) this.#done.resolve(this.#unhealthy("HealthFailed"));
    else if (this.#open.size === 0) this.#done.resolve(undefined);
    else if (this.#late) this.#tooLate();
  }

  #follow(namespace: string): void {
    if (namespace === "" || this.#followed.has(namespace)) return;
    this.#followed.set(
      namespace,
      this.#target.evidence.follow(namespace, () => this.#judgeAll(namespace)),
    );
  }

  #timeIsUp(): void {
    this.#late = true;
    this.#judgeAll();
  }

  /** Where it cannot be told what is healthy, an error of the way there says nothing against the revision. */
  #tooLate(): void {
    const failure = blindness(this.#target, this.#open.values());
    if (failure === undefined) this.#done.resolve(this.#unhealthy("HealthTimeout"));
    else this.giveUp(failure);
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

function judge(target: ApplyTarget, since: Date, { id }: KubeObjectRef, own: OwnWrites): Verdict {
  const object = target.view.get(id);
  if (object === undefined && !own.has(id)) return { state: "inProgress", message: "does not exist" };
  if (object === undefined || own.isUnseen(id)) {
    return { state: "inProgress", message: "written, not seen yet" };
  }
  if (isTerminating(object)) return { state: "terminating", message: describeDeletion(object) };
  if (!needsWatch(id.group, id.kind, target.healthRules)) return { state: "current", message: "exists" };
  const evidence = { object, ...target.evidence.of(object), since };
  return assess(evidence, new Date(), target.healthRules);
}
