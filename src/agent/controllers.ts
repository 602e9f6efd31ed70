import type { Cluster } from "../cluster/index.ts";
import { createVoucher } from "../environment/index.ts";
import { createSandbox, sandboxedTemplates } from "../sandbox/index.ts";
import { createSourcePool, diskRoom } from "../source/index.ts";
import { createConnections } from "./environment/bindings/connections.ts";
import { createSources } from "./environment/bindings/sources.ts";
import type { Environments } from "./environment/environments.ts";
import { createEventWriter } from "./events.ts";
import { type Fence, fenced } from "./fence.ts";
import { createFollowers, type Followers } from "./forge/followers.ts";
import { holdForge } from "./forge/forges.ts";
import type { Metrics } from "./http/metrics.ts";
import { startKeyRenewal } from "./keys/key-renewal.ts";
import type { SealingKeys } from "./keys/sealing-keys.ts";
import type { Log } from "./log.ts";
import type { AgentOptions } from "./options.ts";
import type { Promotions } from "./promotion/promotions.ts";

/**
 * So much of repositories an agent keeps on disk, less than its volume has. A repository of the largest size that is taken is
 * there three times while it changes: as it was, as it is, and as it comes.
 */
export const fetchedBytesOfAgent: number = 3.5 * 1024 ** 3;

/** What the agent watches, whether it leads or not. */
export interface Watched {
  readonly environments: Environments;
  readonly promotions: Promotions;
  readonly keys: SealingKeys;
}

/** What the controllers work with. */
export interface ControllersContext extends Watched {
  readonly cluster: Cluster;
  readonly options: AgentOptions;
  /** Of the lease: nothing is written once another agent may lead. */
  readonly fence: Fence;
  /** Names this agent in events. */
  readonly identity: string;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The controllers of an agent that leads. */
export interface Controllers {
  /** What is kept open now, by what it is. */
  counts(): Readonly<Record<string, number>>;
  /** Ends what tenants keep workers busy with: no pass waits for it. */
  closeSandbox(): void;
  /** Resolves when nothing runs any more, and nothing is written. */
  close(): Promise<void>;
}

/** Starts the controllers of all kinds: Environments, Promotions, forge followers and sealing keys. */
export function startControllers(context: ControllersContext, signal: AbortSignal): Controllers {
  const { environments, promotions, keys, options, fence, identity, metrics, log } = context;
  const { namespace, userAgent, remoteBases, network, defaultServiceAccount, crossNamespaceRefs } = options;
  const closing = new AsyncDisposableStack();
  const cluster = fenced(context.cluster, fence);
  const events = createEventWriter(cluster, { reporter: identity, log }, signal);
  const renewal = startKeyRenewal(cluster, keys, { namespace, policy: options.keyRenewal, log });
  closing.defer(() => renewal.close());
  const connections = createConnections(cluster, { defaultServiceAccount, network }, (remote) => fenced(remote, fence));
  closing.defer(() => connections.close());
  const pool = createSourcePool({ userAgent, network, room: diskRoom(fetchedBytesOfAgent) });
  const sandbox = createSandbox();
  closing.defer(() => sandbox.close());
  const sources = createSources(pool, { userAgent, remoteBases, network });
  closing.defer(() => sources.close());

  environments.run({
    ...{ cluster, connections, sources, keys, sandbox, crossNamespaceRefs, log },
    record: ({ metadata }, event) => events.record({ kind: "Environment", metadata }, event),
    measure: metrics.pass,
    forget: metrics.gone,
    abandoned: metrics.abandoned,
  });
  keys.onChange(() => environments.wakeAll());
  promotions.run({
    ...{ cluster, pool, log, sandbox, remoteBases, userAgent, network },
    opening: {
      unseal: (manifests, owner, ended) => keys.unseal(manifests, sandboxedTemplates(sandbox, owner, ended)),
      vouchFor: async (environment, ends) => createVoucher(await connections.standOf(environment, ends)),
    },
    find: (where, name) => environments.find(where, name),
    record: ({ metadata }, event) => events.record({ kind: "Promotion", metadata }, event),
    measure: metrics.promotions.pass,
    forget: metrics.promotions.gone,
  });
  const followers = createFollowers({
    ...{ clusterName: options.clusterName, namespace, log },
    holdForge: () => holdForge(cluster, { userAgent, network }),
    record: ({ metadata }, event) => events.record({ kind: "Environment", metadata }, event),
  });
  followEnvironments(context, followers);
  // Nothing may be written once the lease is given back, so these end first.
  closing.defer(() => followers.close());
  closing.defer(() => promotions.close());
  closing.defer(() => environments.close());
  return {
    counts: () => ({ ...connections.counts(), ...sources.counts(), followers: followers.size }),
    closeSandbox: () => sandbox.close(),
    close: () => closing.disposeAsync(),
  };
}

/** Promotions and forges hear of every change of an Environment. */
function followEnvironments({ environments, promotions }: Watched, followers: Followers): void {
  for (const environment of environments.all()) followers.environmentChanged(environment);
  environments.onChange((environment) => {
    promotions.environmentChanged(environment);
    followers.environmentChanged(environment);
  });
  environments.onGone((gone) => {
    promotions.environmentGone(gone);
    followers.environmentGone(gone);
  });
}
