import { intervalMilliseconds } from "../../../api/duration.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { applyTarget, createVoucher, readSource } from "../../../environment/index.ts";
import { Failure } from "../../../model/failure.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import type { ObjectId } from "../../../model/object-id.ts";
import { type ApplyTarget, createLiveView, type LiveView, type OwnershipPeers } from "../../../rollout/index.ts";
import type { PassSlot } from "../../kernel/slots.ts";
import type { Connection, Connections, HeldConnection } from "./connections.ts";
import type { Followed, Sources, Subscription } from "./sources.ts";

/** Called with changes of what an Environment is bound to. */
export interface Listeners {
  /** The repository has another revision (`moved`), or a failure came or went. */
  readonly onSource: (moved: boolean) => void;
  /** An object of the environment came, changed or went. */
  readonly onObject: (id: ObjectId, object: KubeObject | undefined) => void;
  /** The cluster was restored from a backup. */
  readonly onRewind: () => void;
}

/** Where the passes of an Environment roll out to, each in its slot. */
export interface PassTarget extends ApplyTarget {
  readonly slot: PassSlot;
}

/** What is lent for one question and given back after it. */
export interface Lent<Value> extends Disposable {
  readonly value: Value;
}

/**
 * What one Environment is bound to: its cluster and its source. Bound when first needed, and again when the spec or a
 * Secret that it names changes. That closes the former ones, so only the Environment's own passes do it, each before it
 * begins; its peers are lent what is there, or something of their own.
 */
export interface Bindings {
  /** For a pass. */
  target(environment: Environment, signal: AbortSignal): Promise<PassTarget>;
  /** The connection that the target is reached by now, for a question. */
  lendConnection(environment: Environment, signal: AbortSignal): Promise<Lent<Connection>>;
  /** The target of the last pass. */
  readonly current: PassTarget | undefined;
  /** For a pass. */
  source(environment: Environment, signal: AbortSignal): Promise<Subscription>;
  /** The same for a question. */
  lendSource(environment: Environment, signal: AbortSignal): Promise<Lent<Subscription>>;
  /** The source of the last pass. */
  readonly currentSource: Subscription | undefined;
  close(): void;
}

/** What all Environments share. */
export interface Shared {
  readonly cluster: Cluster;
  readonly connections: Connections;
  readonly sources: Sources;
}

/** Nothing bound yet. */
export function createBindings(
  { cluster, connections, sources }: Shared,
  listeners: Listeners,
  peers: OwnershipPeers,
): Bindings {
  let reach: Reach | undefined;
  let target: Bound | undefined;
  let source: { readonly key: string; readonly value: Subscription } | undefined;
  let closed = false;

  /** The way to the cluster: kept while the connection is the same, whatever else the spec says. */
  async function reachOf(environment: Environment, signal: AbortSignal): Promise<Reach> {
    const connection = await connections.hold(environment, reach?.connection, signal);
    if (closed) {
      connection.release();
      throw ended();
    }
    if (reach?.connection === connection) return reach;
    const before = reach;
    const { name, namespace } = environment.metadata;
    const owner = { name, namespace };
    const view = createLiveView(connection.watches, owner);
    view.onChange(listeners.onObject);
    view.onRewind(listeners.onRewind);
    reach = { connection, view };
    if (before !== undefined) release(before);
    return reach;
  }

  function bind(environment: Environment, { connection, view }: Reach): Bound {
    const value: PassTarget = applyTarget(environment, {
      home: cluster,
      cluster: connection.cluster,
      watches: connection.watches,
      view,
      evidence: connection.evidence,
      vouch: createVoucher(connection.stand),
      slot: connection.slots.join(),
      ownershipPeers: peers,
    });
    return { connection, generation: environment.metadata.generation, value };
  }

  async function followedBy(
    environment: Environment,
    signal: AbortSignal,
  ): Promise<{ key: string; followed: Followed }> {
    const { spec, credentials } = await readSource(cluster, environment, signal);
    if (closed) throw ended();
    const { interval } = environment.spec;
    return {
      key: JSON.stringify([spec, interval, credentials]),
      followed: { spec, credentials, intervalMs: intervalMilliseconds(interval) },
    };
  }

  return {
    get current() {
      return target?.value;
    },
    async lendConnection(environment, signal) {
      const value = await connections.hold(environment, undefined, signal);
      return { value, [Symbol.dispose]: () => value.release() };
    },
    async target(environment, signal) {
      const { connection, view } = await reachOf(environment, signal);
      const same = target?.generation === environment.metadata.generation && target?.connection === connection;
      if (target !== undefined && same) return target.value;
      target = undefined;
      target = bind(environment, { connection, view });
      return target.value;
    },
    async source(environment, signal) {
      const { key, followed } = await followedBy(environment, signal);
      if (source?.key === key) return source.value;
      const value = sources.subscribe(followed, listeners.onSource);
      source?.value.close();
      source = { key, value };
      return value;
    },
    async lendSource(environment, signal) {
      const { key, followed } = await followedBy(environment, signal);
      if (source?.key === key) return { value: source.value, [Symbol.dispose]: () => undefined };
      const value = sources.subscribe(followed, () => undefined);
      return { value, [Symbol.dispose]: () => value.close() };
    },
    get currentSource() {
      return source?.value;
    },
    close() {
      closed = true;
      if (reach !== undefined) release(reach);
      reach = undefined;
      source?.value.close();
    },
  };
}

/** An Environment's view of its cluster, and what that goes over. */
interface Reach {
  readonly connection: HeldConnection;
  readonly view: LiveView;
}

interface Bound {
  readonly connection: HeldConnection;
  readonly generation: number | undefined;
  readonly value: PassTarget;
}

function release({ connection, view }: Reach): void {
  void view.close();
  connection.release();
}

/** What was opened after the end would have no owner to close it. */
function ended(): Failure {
  return new Failure("Interrupted", { message: "the Environment is not reconciled any more" });
}
