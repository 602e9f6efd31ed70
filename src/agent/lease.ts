import { pause, rest } from "../clock/index.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure, toFailure } from "../model/failure.ts";
import { numberAt, stringAt } from "../model/json/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { Log } from "./log.ts";

/** Timing of leader election, with the meaning it has in Kubernetes' client-go. Milliseconds. */
export interface LeaseTiming {
  /** How long other agents wait after the last renewal they saw. */
  readonly durationMs: number;
  /** How long the leader goes on without a renewal; shorter, so that there never are two. */
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

/** client-go's defaults. */
export const standardTiming: LeaseTiming = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** A lease to compete for. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Unique to this process. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** Milliseconds that only ever go forward, whatever becomes of the time of day; `performance.now` if absent. */
  readonly clock?: () => number;
}

/** Leadership, until it is lost or given back. */
export interface Leadership {
  /** Aborts when the lease is lost. */
  readonly lost: AbortSignal;
  /**
   * Whether the lease may still be acted on: false from the moment on when another agent may soon take it, also where a process
   * that was stopped for a while has not come to notice that yet.
   */
  holds(): boolean;
  /** Gives the lease back, so that another one need not wait. */
  release(): Promise<void>;
}

/**
 * Waits until this process holds the lease, and goes on renewing it. Whether another one's lease has run out is judged
 * by how long it has not moved as seen from here, never by comparing clocks (as in client-go's leaderelection).
 */
export async function lead(
  cluster: Cluster,
  options: LeaseOptions,
  log: Log,
  signal: AbortSignal,
): Promise<Leadership> {
  const election = new Election(cluster, options, log);
  while (!(await election.tryToHold(signal))) await pause(options.timing.retryMs, signal);
  return election.keep(signal);
}

class Election {
  readonly #cluster: Cluster;
  readonly #options: LeaseOptions;
  readonly #log: Log;
  readonly #now: () => number;
  /** When the last successful renewal was requested. */
  #renewed = Number.NEGATIVE_INFINITY;
  /** Another one has it, as was seen last. */
  #taken = false;
  #seen: { readonly version: string; readonly at: number } | undefined;

  constructor(cluster: Cluster, options: LeaseOptions, log: Log) {
    this.#cluster = cluster;
    this.#options = options;
    this.#log = log;
    this.#now = options.clock ?? (() => performance.now());
  }

  /** Takes or renews the lease where that is allowed. A lost race or an API error means no. */
  async tryToHold(signal: AbortSignal): Promise<boolean> {
    // From before the request: that is the earliest moment from which other agents count.
    const requested = this.#now();
    const held = await this.#take(signal);
    if (held) this.#renewed = requested;
    return held;
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const { namespace, name } = this.#options;
    try {
      const lease = await this.#cluster.get(
        { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name },
        signal,
      );
      if (lease === undefined) {
        await this.#cluster.create(this.#desired(undefined), signal);
        return true;
      }
      this.#taken = !this.#mayTake(lease);
      if (this.#taken) return false;
      await this.#cluster.update(this.#desired(lease), {}, signal);
      return true;
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = toFailure(thrown);
      if (failure.code !== "Conflict")
        this.#log.warn({ code: failure.code, message: failure.message }, "the lease could not be held");
      return false;
    }
  }

  keep(signal: AbortSignal): Leadership {
    const lost = new AbortController();
    const stop = new AbortController();
    const ended = this.#renew(lost, AbortSignal.any([signal, stop.signal]));
    return {
      lost: lost.signal,
      holds: () => !lost.signal.aborted && this.#left() > 0,
      release: async () => {
        stop.abort();
        await ended;
        if (!lost.signal.aborted) await this.#giveBack();
      },
    };
  }

  /** For how long what was renewed last may still be acted on. */
  #left(): number {
    return this.#renewed + this.#options.timing.renewDeadlineMs - this.#now();
  }

  async #renew(lost: AbortController, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await rest(Math.min(this.#options.timing.retryMs, Math.max(0, this.#left())), signal);
      if (signal.aborted) return;
      const limit = AbortSignal.timeout(Math.max(1, Math.ceil(this.#left())));
      // It throws only where its signal ends: what was not answered in time is not held.
      const held = await this.tryToHold(AbortSignal.any([signal, limit])).catch(() => false);
      if (!held && (this.#left() <= 0 || this.#taken) && !signal.aborted) {
        return lost.abort(new Failure("Interrupted", { message: "the lease was lost to another agent" }));
      }
    }
  }

  async #giveBack(): Promise<void> {
    const { namespace, name, identity } = this.#options;
    const signal = AbortSignal.timeout(2_000);
    try {
      const lease = await this.#cluster.get(
        { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name },
        signal,
      );
      if (lease === undefined || stringAt(lease, "spec", "holderIdentity") !== identity) return;
      await this.#cluster.update({ ...lease, spec: { holderIdentity: "", leaseDurationSeconds: 1 } }, {}, signal);
    } catch (thrown) {
      this.#log.warn({ code: toFailure(thrown).code }, "the lease could not be released; it will expire");
    }
  }

  /** Ours, nobody's, or one that has not moved for its whole duration. */
  #mayTake(lease: KubeObject): boolean {
    const { identity, timing } = this.#options;
    const holder = stringAt(lease, "spec", "holderIdentity") ?? "";
    if (holder === identity || holder === "") return true;
    const version = lease.metadata.resourceVersion ?? "";
    if (this.#seen?.version !== version) this.#seen = { version, at: this.#now() };
    const durationMs = (numberAt(lease, "spec", "leaseDurationSeconds") ?? timing.durationMs / 1000) * 1000;
    return this.#now() - this.#seen.at > durationMs;
  }

  #desired(lease: KubeObject | undefined): KubeObject {
    const { namespace, name, identity, timing } = this.#options;
    const now = new Date().toISOString().replace("Z", "000Z");
    const ours = stringAt(lease, "spec", "holderIdentity") === identity;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: lease?.metadata ?? { name, namespace },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(timing.durationMs / 1000),
        acquireTime: (ours ? stringAt(lease, "spec", "acquireTime") : undefined) ?? now,
        renewTime: now,
        leaseTransitions: (numberAt(lease, "spec", "leaseTransitions") ?? 0) + (ours || lease === undefined ? 0 : 1),
      },
    };
  }
}
