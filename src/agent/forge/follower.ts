import { intervalMilliseconds } from "../../api/duration.ts";
import type { Environment } from "../../api/environment/environment.ts";
import { statusContext, wantedStatuses } from "../../promote/index.ts";
import type { ObjectRunner } from "../kernel/controller.ts";
import type { Ended, NotableEvent } from "../kernel/decision.ts";
import { startReconciler } from "../kernel/reconciler.ts";
import { createPassRecorder } from "../kernel/recorder.ts";
import type { Slots } from "../kernel/slots.ts";
import type { Log } from "../log.ts";
import { decideFollower, type FollowerEvent, type FollowerOutcome, forgeFailed } from "./decision.ts";
import type { ForgeHolder } from "./forges.ts";
import { createForgeReporter } from "./reporter.ts";

/** What all followers share. */
export interface FollowerContext {
  /** A holder of its own for every follower. */
  readonly holdForge: () => ForgeHolder;
  /** The agent's own name for its cluster, where it has one. */
  readonly clusterName: string | undefined;
  /** Where the agent is. */
  readonly namespace: string;
  /** Logs an event, and writes it as a Kubernetes Event; must not throw. */
  readonly record: (environment: Environment, event: NotableEvent) => void;
  /** So many use their forge at the same time. */
  readonly slots: Slots;
  readonly log: Log;
}

/** Reports one Environment to its forge until it is closed. Rollouts know nothing of it, and wait for nothing. */
export type Follower = ObjectRunner<Environment>;

/** Follows an Environment: what could not be reported is reported later, and only what changed is reported. */
export function followEnvironment(context: FollowerContext, first: Environment): Follower {
  const forges = context.holdForge();
  const slot = context.slots.join();
  let environment = first;

  const emit = (about: Environment, { failure, ...event }: FollowerEvent): void => {
    if (failure === undefined) {
      context.record(about, event);
      return;
    }
    const { namespace, name } = about.metadata;
    const fields = { environment: `${namespace}/${name}`, code: failure.code, problems: failure.problems };
    context.log.warn(fields, "a report to the forge failed");
  };
  const recorder = createPassRecorder({
    decide: (ended: Ended<FollowerOutcome>, { spec }: Environment, time) =>
      decideFollower(ended, { ...time, intervalMs: intervalMilliseconds(spec.interval) }),
    subject: (about) => about,
    emit,
  });
  const reporter = createForgeReporter((refusal) => recorder.record(environment, forgeFailed(refusal)));

  const loop = startReconciler<Environment, FollowerOutcome>({
    begin: () => environment,
    async pass({ spec, metadata }, signal) {
      await slot.acquire(signal);
      const { forge: named } = spec;
      if (named === undefined || spec.suspend) return undefined;
      const opened = await forges.of({ metadata, spec: { forge: named } }, signal);
      const wanted = wantedStatuses(environment, statusContext(metadata, context));
      await reporter.setStatuses(opened.forge, wanted, signal);
      return reporter.revert(environment, opened, signal);
    },
    recorder,
    release: () => slot.release(),
  });

  return {
    update(changed) {
      environment = changed;
      loop.wake();
    },
    async close() {
      await loop.close();
      await forges.close();
    },
  };
}
