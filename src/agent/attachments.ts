import { milliseconds } from "../api/duration.ts";
import type { Environment } from "../api/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { secretVariables } from "../environment/index.ts";
import { compileHealthExprs } from "../health/index.ts";
import type { KubeObject } from "../model/manifest.ts";
import { groupOf, type ObjectId } from "../model/object-id.ts";
import { createVerified, type Others, type Target } from "../rollout/index.ts";
import type { Connection, Connections } from "./connections.ts";
import { readSource } from "./read-source.ts";
import type { Sources, Subscription } from "./sources.ts";
import type { PassTurn } from "./turns.ts";
import { createVoucher } from "./voucher.ts";

/** What an Environment is tied to, told about what happens there. */
export interface Listeners {
  /** The repository has another revision (`moved`), or a failure came or went. */
  readonly onSource: (moved: boolean) => void;
  /** An object of the environment came, changed or went. */
  readonly onObject: (id: ObjectId, object: KubeObject | undefined) => void;
}

/** Where the passes of an Environment roll out to, each in its turn. */
export interface PassTarget extends Target {
  readonly turn: PassTurn;
}

/** The ties of one Environment: made when they are first needed, made anew when the spec asks for others. */
export interface Attachments {
  target(environment: Environment, signal: AbortSignal): Promise<PassTarget>;
  /** The target of the last pass. */
  readonly current: PassTarget | undefined;
  source(environment: Environment, signal: AbortSignal): Promise<Subscription>;
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

/** No ties yet. */
export function createAttachments(
  { cluster, connections, sources }: Shared,
  listeners: Listeners,
  others: Others,
): Attachments {
  let target: ReturnType<typeof tie> | undefined;
  let source: { readonly key: string; readonly value: Subscription } | undefined;

  function tie(environment: Environment, connection: Connection) {
    const { name, namespace } = environment.metadata;
    const owner = { name, namespace };
    const { ignore = [], healthChecks = [], healthCheckExprs } = environment.spec;
    const neighbours = healthChecks.map(({ apiVersion, kind, name, namespace }) => ({
      apiVersion,
      id: { group: groupOf(apiVersion), kind, name, namespace: namespace ?? environment.metadata.namespace },
    }));
    const healthRules = healthCheckExprs === undefined ? undefined : compileHealthExprs(healthCheckExprs);
    const hiddenValues = (signal: AbortSignal) => secretVariables(cluster, environment.spec, namespace, signal);
    const { view, evidence, turns, stand } = connection;
    const value: PassTarget = {
      cluster: connection.cluster,
      view,
      evidence,
      hiddenValues,
      owner,
      vouch: createVoucher(stand),
      turn: turns.enter(),
      verified: createVerified(),
      ignore,
      healthRules,
      neighbours,
      others,
    };
    return {
      connection,
      generation: environment.metadata.generation,
      value,
      release: connection.view.onChange(owner, listeners.onObject),
    };
  }

  return {
    get current() {
      return target?.value;
    },
    async target(environment, signal) {
      const connection = await connections.of(environment, signal);
      const same = target?.generation === environment.metadata.generation && target?.connection === connection;
      if (target !== undefined && same) return target.value;
      target?.release();
      target = undefined;
      target = tie(environment, connection);
      return target.value;
    },
    async source(environment, signal) {
      const { spec, credentials } = await readSource(cluster, environment, signal);
      const { interval } = environment.spec;
      const key = JSON.stringify([spec, interval, credentials]);
      if (source?.key === key) return source.value;
      source?.value.close();
      const value = sources.subscribe({ spec, credentials, intervalMs: milliseconds(interval) }, listeners.onSource);
      source = { key, value };
      return value;
    },
    get currentSource() {
      return source?.value;
    },
    close() {
      target?.release();
      source?.value.close();
    },
  };
}
