import { intervalMilliseconds } from "../../api/duration.ts";
import type { Environment } from "../../api/environment/environment.ts";
import { backoffMs } from "../../clock/index.ts";
import { Failure, failureClasses, toFailure } from "../../model/failure.ts";
import { statusContext, wantedStatuses } from "../../promote/index.ts";
import type { Slots } from "../kernel/slots.ts";
import { createWakeup } from "../kernel/wakeup.ts";
import type { Log } from "../log.ts";
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
  /** A pull request was opened or closed; must not throw. */
  readonly happen: (environment: Environment, message: string) => void;
  /** So many ask their forge at the same time. */
  readonly slots: Slots;
  readonly log: Log;
}

/** Tells a forge how one Environment is. Rollouts know nothing of it, and wait for nothing. */
export interface Follower {
  update(environment: Environment): void;
  close(): Promise<void>;
}

const firstRetryMs = 2_000;

/** Follows an Environment until it is closed: what was not told is told later, and only what changed is told. */
export function followEnvironment(context: FollowerContext, first: Environment): Follower {
  const wakeup = createWakeup();
  const closing = new AbortController();
  const forges = context.holdForge();
  const slot = context.slots.join();
  let environment = first;
  let failures = 0;
  let warned = "";

  const warn = (failure: Failure): void => {
    const { namespace, name } = environment.metadata;
    if (warned !== failure.message) {
      const fields = { environment: `${namespace}/${name}`, code: failure.code, problems: failure.problems };
      context.log.warn(fields, "the forge was not told");
    }
    warned = failure.message;
  };
  const news = createForgeReporter(warn);

  const tell = async (signal: AbortSignal): Promise<void> => {
    const { spec, metadata } = environment;
    const { forge: named } = spec;
    if (named === undefined || spec.suspend) return;
    const opened = await forges.of({ metadata, spec: { forge: named } }, signal);
    await news.setStatuses(opened.forge, wantedStatuses(environment, statusContext(metadata, context)), signal);
    const outcome = await news.revert(environment, opened, signal);
    if (outcome === undefined || outcome.action === "none") return;
    context.happen(environment, `${outcome.action} the pull request ${outcome.request?.url ?? ""}`);
  };

  const loop = async (): Promise<void> => {
    for (const { signal } = closing; ; ) {
      await wakeup.wait();
      if (signal.aborted) return;
      try {
        await slot.acquire(signal);
        await tell(signal);
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = toFailure(thrown);
        warn(failure);
        failures += 1;
        wakeup.in(retryMs(failure, failures, intervalMilliseconds(environment.spec.interval)));
      } finally {
        slot.release();
      }
    }
  };
  wakeup.now();
  const ended = loop();

  return {
    update(changed) {
      environment = changed;
      wakeup.now();
    },
    async close() {
      closing.abort(new Failure("Interrupted", { message: "the agent is stopping" }));
      wakeup.now();
      await ended;
      await forges.close();
    },
  };
}

/** With growing pauses up to the interval, and never before the forge wants to be asked again. */
function retryMs({ code, retryAt }: Failure, failures: number, intervalMs: number): number {
  const backoff = backoffMs(failures, { shortestMs: firstRetryMs, longestMs: intervalMs });
  const wanted = failureClasses[code].retry === "backoff" ? backoff : intervalMs;
  return Math.max(wanted, (retryAt?.getTime() ?? 0) - Date.now());
}
