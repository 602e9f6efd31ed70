import { type Alarm, after, createPace, every, guarded, soon } from "../../clock/index.ts";
import { reassessMs } from "../../health/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import type { Unhealthy } from "../diagnosis/unhealthy.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";
import { PodFreer } from "./free-stuck-pods.ts";
import { OwnWrites } from "./own-writes.ts";
import { type Remake, Remaker } from "./remaker.ts";
import { blindness, trackKinds } from "./track-kinds.ts";
import { verdictNow } from "./verdict-now.ts";
import { Verdicts } from "./verdicts.ts";

/** What is to become healthy, and by when. */
export interface Wait {
  readonly objects: readonly KubeObjectRef[];
  /** The resourceVersion of what was written, by inventory id: a watch that has not caught up with it says nothing yet. */
  readonly written: ReadonlyMap<string, string>;
  /** When the attempt began. */
  readonly since: Date;
  /** In milliseconds of the monotonic clock: `performance.now()`. */
  readonly deadline: number;
  /** It is a rollback: pods of the failed revision that would block it for ever are deleted. */
  readonly freesStuckPods: boolean;
  /** Absent for external checks. */
  readonly remake?: Remake;
  /** Values that must not be quoted from a log; undefined where they are not known, and so no log is read. */
  readonly secrets: (() => Promise<readonly string[]>) | undefined;
}

/** Evidence costs three watches a namespace: not for what takes a moment. */
const evidenceAfterMs = 500;

/** One wait: its verdicts, and what makes it judge again. */
export class HealthWait {
  /** Undefined when all is healthy. */
  readonly outcome: Promise<Unhealthy | undefined>;
  readonly #target: ApplyTarget;
  readonly #wait: Wait;
  readonly #done = Promise.withResolvers<Unhealthy | undefined>();
  readonly #verdicts: Verdicts;
  /** How to stop following the evidence of a namespace. */
  readonly #followed = new Map<string, () => void>();
  /** What was written before the wait or in it. */
  readonly #own: OwnWrites;
  readonly #remaker: Remaker | undefined;
  readonly #pods: PodFreer;
  readonly #stopped = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #reassess: Alarm;
  readonly #timeout: Alarm;
  readonly #evidence: Alarm;
  /** It takes long enough to collect evidence of pods and events. Most of what is applied is healthy before that. */
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
    this.#verdicts = new Verdicts(wait.objects);
    const failed = (failure: Failure) => this.giveUp(failure);
    this.#own = new OwnWrites(target, wait.written, { seen: (key) => this.#reopen(key), failed });
    this.#pods = new PodFreer(target, failed);
    this.#remaker = wait.remake && new Remaker(wait.remake, { remade: (...made) => this.#isRemade(...made), failed });
    this.#unsubscribe = target.view.onChange(
      guarded((id: ObjectId, object: KubeObject | undefined) => {
        this.#reopen(formatId(id));
        if (object === undefined) this.#remake(id);
      }, failed),
    );
    this.#reassess = every(reassessMs, () => this.#reassessOpen(), failed);
    this.#evidence = after(evidenceAfterMs, () => this.#startEvidence(), failed);
    const left = Math.max(0, wait.deadline - performance.now());
    this.#timeout = after(left, () => this.#timeIsUp(), failed);
    this.#judgeOpen();
  }

  giveUp(reason: unknown): void {
    this.#done.reject(reason);
  }

  close(): void {
    this.#stopped.abort();
    for (const alarm of [this.#reassess, this.#evidence, this.#timeout, this.#scheduled]) alarm?.stop();
    this.#unsubscribe();
    for (const release of this.#followed.values()) release();
  }

  /** Own writes that are not seen by now were missed by a watch, however healthy that seems. */
  #reassessOpen(): void {
    const { open } = this.#verdicts;
    for (const { id } of open) {
      if (this.#own.isUnseen(id)) this.#target.view.renew(id);
      if (this.#target.view.get(id) === undefined) this.#remake(id);
    }
    this.#own.confirmUnseen(open, this.#stopped.signal);
    void this.#trackAgain();
    this.#judgeOpen();
  }

  /** A kind may be served only now, as one that another Environment defines. */
  async #trackAgain(): Promise<void> {
    const unseen = this.#verdicts.open.filter(({ id }) => this.#target.view.get(id) === undefined);
    try {
      if (unseen.length > 0) await trackKinds(this.#target, unseen, this.#stopped.signal);
      for (const { id } of unseen) this.#reopen(formatId(id));
    } catch (thrown) {
      // What cannot be listed now is tried again at the next reassessment, and reported at the deadline.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") this.giveUp(failure);
    }
  }

  #remake(id: ObjectId): void {
    if (this.#verdicts.has(formatId(id))) void this.#remaker?.makeIfGone(id, this.#stopped.signal);
  }

  #isRemade(key: string, version: string | undefined): void {
    if (version !== undefined) this.#own.note(key, version);
    this.#reopen(key);
  }

  #startEvidence(): void {
    this.#collectEvidence = true;
    this.#own.confirmUnseen(this.#verdicts.open, this.#stopped.signal);
    this.#judgeOpen();
  }

  #reopen(key: string): void {
    if (this.#verdicts.reopen(key)) this.#judgeLater();
  }

  #judgeOpen(namespace?: string): void {
    this.#verdicts.markOpen(namespace);
    this.#judgeLater();
  }

  /** Many changes often arrive together: they are judged once. */
  #judgeLater(): void {
    if (this.#judging || this.#stopped.signal.aborted) return;
    this.#judging = true;
    const failed = (thrown: unknown) => this.giveUp(toFailure(thrown));
    this.#scheduled = soon(() => void this.#judgeDue().catch(failed), failed);
  }

  /** Judges what is due in slices, so that the event loop stays free, and then decides by all verdicts together. */
  async #judgeDue(): Promise<void> {
    const pace = createPace();
    for (const object of this.#verdicts.takeDue()) {
      if (this.#stopped.signal.aborted) return;
      this.#judgeOne(object);
      await pace();
    }
    this.#judging = false;
    this.#decide();
    if (this.#verdicts.isDue) this.#judgeLater();
  }

  #judgeOne(object: KubeObjectRef): void {
    const { id } = object;
    const verdict = verdictNow(this.#target, object, this.#wait.since, this.#own);
    this.#verdicts.record(object, verdict);
    if (verdict.state === "current") return;
    if (this.#collectEvidence) this.#follow(id.namespace);
    const live = this.#target.view.get(id);
    const isKnown = live !== undefined && !this.#own.isUnseen(id);
    if (this.#wait.freesStuckPods && isKnown) this.#pods.free(live, this.#stopped.signal);
  }

  #decide(): void {
    const { state } = this.#verdicts;
    if (state === "failed") this.#done.resolve(this.#verdicts.unhealthy("HealthFailed"));
    else if (state === "healthy") this.#done.resolve(undefined);
    else if (this.#late) this.#tooLate();
  }

  #follow(namespace: string): void {
    if (namespace === "" || this.#followed.has(namespace)) return;
    const onChange = () => this.#judgeOpen(namespace);
    this.#followed.set(namespace, this.#target.evidence.follow(namespace, onChange));
  }

  #timeIsUp(): void {
    this.#late = true;
    this.#judgeOpen();
  }

  /** A watch that does not follow says nothing against the revision: its failure is an error. */
  #tooLate(): void {
    const failure = blindness(this.#target, this.#verdicts.open);
    if (failure === undefined) this.#done.resolve(this.#verdicts.unhealthy("HealthTimeout"));
    else this.giveUp(failure);
  }
}
