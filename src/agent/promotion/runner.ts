import { intervalMilliseconds } from "../../api/duration.ts";
import { type Promotion, readPromotion } from "../../api/promotion/promotion.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { createRecall } from "../../promote/index.ts";
import { holdForge } from "../forge/forges.ts";
import { createWakeup } from "../kernel/wakeup.ts";
import type { Log } from "../log.ts";
import { decidePromotion, decidePromotionError, type PromotionDecision, type PromotionEvent } from "./decision.ts";
import { type LookContext, reconcilePromotion } from "./reconcile.ts";
import { createPromotionStatus, type PromotionStatusWriter } from "./status.ts";

/** What all runners share. */
export interface PromotionContext extends LookContext {
  /** Tells the world; must not throw. */
  readonly happen: (promotion: Promotion, event: PromotionEvent) => void;
  /** Told what was done, for the metrics: a word of `PromotionOutcome.action`, or a failure's code. */
  readonly measure: (promotion: Promotion, done: string) => void;
  /** Told that a Promotion is gone. */
  readonly forget: (gone: { readonly namespace: string; readonly name: string }) => void;
  readonly log: Log;
}

/** Looks after one Promotion: a loop that sleeps until something wakes it, and takes one look at a time. */
export class PromotionRunner {
  readonly #context: PromotionContext;
  readonly #wakeup = createWakeup();
  readonly #closing = new AbortController();
  readonly #own;
  readonly #ended: Promise<void>;
  #object: KubeObject;
  #status: PromotionStatusWriter | undefined;
  #repeated = 0;
  #told = "";

  constructor(context: PromotionContext, object: KubeObject) {
    this.#context = context;
    this.#object = object;
    this.#own = { recall: createRecall(), forges: holdForge(context.cluster, context) };
    this.#wakeup.now();
    this.#ended = this.#loop();
  }

  /** The identity of the Promotion; another one under the same name has another. */
  get uid(): string | undefined {
    return this.#object.metadata.uid;
  }

  /** The Promotion was changed. What only the status says is no reason to wake. */
  update(object: KubeObject): void {
    const before = this.#object.metadata.generation;
    this.#object = object;
    if (before !== object.metadata.generation) this.#wakeup.now();
  }

  /** The cluster was restored from a backup: the status is read again. */
  rewound(): void {
    this.#status = undefined;
    this.#wakeup.now();
  }

  /** Looks again. */
  wake(): void {
    this.#wakeup.now();
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Failure("Interrupted", { message: "the agent is stopping" }));
    this.#wakeup.now();
    await this.#ended;
    await this.#own.forges.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#wakeup.wait();
      if (signal.aborted) return;
      await this.#once(signal);
    }
  }

  /** One look and what follows from it. Never throws. */
  async #once(signal: AbortSignal): Promise<void> {
    const { generation = 0, deletionTimestamp } = this.#object.metadata;
    if (deletionTimestamp !== undefined) return;
    let promotion: Promotion;
    try {
      promotion = readPromotion(this.#object);
    } catch (thrown) {
      this.#context.log.warn({ problems: toFailure(thrown).problems }, "a Promotion cannot be read");
      return;
    }
    this.#status ??= createPromotionStatus(this.#context.cluster, promotion);
    if (promotion.spec.suspend) return;
    const status = this.#status;
    const intervalMs = intervalMilliseconds(promotion.spec.interval);
    let decision: PromotionDecision;
    try {
      const outcome = await reconcilePromotion({ ...this.#context, ...this.#own, status }, promotion, signal);
      this.#repeated = outcome.soon === true ? this.#repeated + 1 : 0;
      this.#context.measure(promotion, outcome.action);
      decision = decidePromotion(outcome, { intervalMs, now: new Date(), repeated: this.#repeated });
    } catch (thrown) {
      if (signal.aborted) return;
      decision = this.#failed(promotion, toFailure(thrown), intervalMs);
    }
    await this.#carryOut(promotion, decision, generation, signal);
    this.#wakeup.in(decision.nextMs);
  }

  #failed(promotion: Promotion, failure: Failure, intervalMs: number): PromotionDecision {
    const { namespace, name } = promotion.metadata;
    const { code, problems } = failure;
    this.#repeated += 1;
    this.#context.measure(promotion, code);
    this.#context.log.warn({ promotion: `${namespace}/${name}`, code, problems }, "a promotion failed");
    return decidePromotionError(failure, { intervalMs, now: new Date(), repeated: this.#repeated });
  }

  async #carryOut(promotion: Promotion, decision: PromotionDecision, generation: number, signal: AbortSignal) {
    const fields = { observedGeneration: generation, ...decision.status.fields };
    try {
      await this.#status?.write({ ...decision.status, fields }, generation, signal);
    } catch (thrown) {
      const { code } = toFailure(thrown);
      if (!signal.aborted)
        this.#context.log.warn({ promotion: promotion.metadata.name, code }, "a status was not written");
    }
    this.#tell(promotion, decision.event);
  }

  /** Tells a thing once. */
  #tell(promotion: Promotion, event: PromotionEvent | undefined): void {
    const text = `${event?.reason} ${event?.message}`;
    if (text === this.#told) return;
    this.#told = text;
    if (event !== undefined) this.#context.happen(promotion, event);
  }
}
