import { intervalMilliseconds } from "../../api/duration.ts";
import { type Promotion, readPromotion } from "../../api/promotion/promotion.ts";
import type { PromotionStatus } from "../../api/promotion/promotion-status.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { createPromotionCache } from "../../promote/index.ts";
import { holdForge } from "../forge/forges.ts";
import type { Gone } from "../kernel/controller.ts";
import type { Ended } from "../kernel/decision.ts";
import type { MeasuredEnd } from "../kernel/reconciler.ts";
import { createPassRecorder } from "../kernel/recorder.ts";
import { type Run, type Runner, startRunner } from "../kernel/runner.ts";
import type { Log } from "../log.ts";
import { decidePromotion, type PromotionEvent, type PromotionPassOutcome } from "./decision.ts";
import { type ReconcileContext, reconcilePromotion } from "./reconcile.ts";

/** What all runners share. */
export interface PromotionContext extends ReconcileContext {
  /** Logs an event, and writes it as a Kubernetes Event; must not throw. */
  readonly record: (promotion: Promotion, event: PromotionEvent) => void;
  /** Told what was done, for the metrics: a word of `PromotionOutcome.action`, or a failure's code. */
  readonly measure: (promotion: Promotion, done: string) => void;
  /** Told that a Promotion is gone. */
  readonly forget: (gone: Gone) => void;
  readonly log: Log;
}

/** Reconciles one Promotion. */
export type PromotionRunner = Runner<Promotion, PromotionStatus>;

type PromotionRun = Run<Promotion, PromotionStatus>;

/** Starts the passes over one Promotion. */
export function startPromotion(context: PromotionContext, object: KubeObject): PromotionRunner {
  const { cluster, log } = context;
  const cache = createPromotionCache();
  const forges = holdForge(cluster, context);
  const { name, namespace = "" } = object.metadata;
  const promotion = `${namespace}/${name}`;
  const recorder = createPassRecorder({
    decide: (ended: Ended<PromotionPassOutcome>, { resource }: PromotionRun, time) =>
      decidePromotion(ended, { ...time, intervalMs: intervalMilliseconds(resource.spec.interval) }),
    subject: ({ resource }) => resource,
    emit: context.record,
    status: {
      writerOf: ({ status }) => status,
      unwritten: (_, { code }) => log.warn({ promotion, code }, "the status could not be written"),
    },
  });
  return startRunner<Promotion, PromotionStatus, PromotionRun, PromotionPassOutcome>(
    {
      cluster,
      kind: "Promotion",
      read: readPromotion,
      begin: (run) => run,
      async pass({ resource, status }, signal) {
        if (resource.metadata.deletionTimestamp !== undefined || resource.spec.suspend) return "idle";
        return reconcilePromotion({ ...context, cache, forges, status }, resource, signal);
      },
      recorder,
      failed: ({ code, problems }) => log.warn({ promotion, code, problems }, "a promotion failed"),
      measure({ resource }, ended) {
        const done = doneIn(ended);
        if (done !== undefined) context.measure(resource, done);
      },
      close: () => forges.close(),
    },
    object,
  );
}

/** What a pass did, in a word for the metrics; undefined where it did not come to it. */
function doneIn(ended: MeasuredEnd<PromotionPassOutcome>): string | undefined {
  if (ended.type === "failure") return ended.failure.code;
  return ended.type === "interrupted" || ended.outcome === "idle" ? undefined : ended.outcome.action;
}
