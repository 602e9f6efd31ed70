import type { Environment } from "../../../api/environment/environment.ts";
import { type Cluster, connect, createWatchHub, type WatchHub } from "../../../cluster/index.ts";
import { createRights, type Rights, readSecret, type Stand } from "../../../environment/index.ts";
import { Failure } from "../../../model/failure.ts";
import { stringAt } from "../../../model/json/json.ts";
import { createEvidenceView, type EvidenceView } from "../../../rollout/index.ts";
import { clusterReach, type Network } from "../../../source/index.ts";
import { createSlots, type Slots } from "../../kernel/slots.ts";

/** A cluster as one identity sees it, with the watches that its Environments share. */
export interface Connection {
  readonly cluster: Cluster;
  readonly watches: WatchHub;
  readonly evidence: EvidenceView;
  /** Those of all passes that work over it. */
  readonly slots: Slots;
  /** What the identity may do in that cluster. */
  readonly rights: Rights;
  /** Who answers, in the cluster of the sealing keys, for opening what is sealed. */
  readonly stand: Stand;
}

/** A connection, for as long as an Environment holds it. */
export interface HeldConnection extends Connection {
  /** Lets it go: the last one closes its watches, and the way to another cluster. */
  release(): void;
}

/** The connections of all Environments: one for each cluster and identity. */
export interface Connections {
  /**
   * The connection on which an Environment's objects are read and written: `held` again, as long as that is the one. Throws
   * `Failure` (SpecInvalid) for a kubeconfig that is missing, or that would run programs or read files of the agent.
   */
  hold(environment: Environment, held: HeldConnection | undefined, signal: AbortSignal): Promise<HeldConnection>;
  /** The identity whose rights in the cluster of the sealing keys decide what is opened for an Environment. Throws as `hold`. */
  standOf(environment: Environment, signal: AbortSignal): Promise<Stand>;
  /** How many connections there are, and how many watches are open on them. */
  counts(): { readonly connections: number; readonly watches: number };
  close(): Promise<void>;
}

/** Something that several use, closed with the last of them. */
interface Shared<Value> {
  readonly value: Value;
  users: number;
}

interface Reach {
  readonly cluster: Cluster;
  /** Of the kubeconfig's Secret. */
  readonly version: string;
  /** Names it among all that there were. */
  readonly id: string;
}

/**
 * Connections from the agent's own by impersonation, and to other clusters by the kubeconfigs of Secrets; `admit` gives
 * what is made of one of those.
 */
export function createConnections(
  own: Cluster,
  { defaultServiceAccount, network }: { readonly defaultServiceAccount: string | undefined; readonly network: Network },
  admit: (remote: Cluster) => Cluster,
): Connections {
  const home: Shared<Reach> = { value: { cluster: own, version: "", id: "own" }, users: 1 };
  const connections = new Map<string, Shared<Connection>>();
  const remotes = new Map<string, Shared<Reach>>();
  const held = new Map<HeldConnection, Shared<Connection>>();
  let opened = 0;

  /** The cluster of a kubeconfig Secret, with one user more; a Secret that was changed is another cluster. */
  async function remote(namespace: string, name: string, signal: AbortSignal): Promise<Shared<Reach>> {
    const { version, text } = await readKubeconfig(own, { namespace, name }, signal);
    const key = `${namespace}/${name}`;
    const known = remotes.get(key);
    if (known?.value.version === version) return used(known);
    const cluster = admit(await connect({ from: "text", text, reach: clusterReach(network) }));
    const meanwhile = remotes.get(key);
    if (meanwhile?.value.version === version) {
      await cluster.close();
      return used(meanwhile);
    }
    opened += 1;
    const reach = used({ value: { cluster, version, id: `remote-${opened}` }, users: 0 });
    // The former one is released with the next pass of each Environment that holds it.
    remotes.set(key, reach);
    return reach;
  }

  function releaseReach(reach: Shared<Reach>): void {
    reach.users -= 1;
    if (reach.users > 0) return;
    for (const [key, each] of remotes) if (each === reach) remotes.delete(key);
    void reach.value.cluster.close();
  }

  function join(key: string, shared: Shared<Connection>, reach: Shared<Reach>): HeldConnection {
    used(shared);
    const entry: HeldConnection = {
      ...shared.value,
      release() {
        if (!held.delete(entry)) return;
        shared.users -= 1;
        if (shared.users === 0) {
          if (connections.get(key) === shared) connections.delete(key);
          void shared.value.watches.close();
        }
        releaseReach(reach);
      },
    };
    held.set(entry, shared);
    return entry;
  }

  function viewOf(of: Cluster, user: string | undefined, userHere: string | undefined): Connection {
    const cluster = user === undefined ? of : of.impersonate({ user });
    const watches = createWatchHub(cluster);
    const rights = createRights(cluster, user ?? (of === own ? "the agent" : "the user of the kubeconfig"));
    return {
      cluster,
      watches,
      evidence: createEvidenceView(watches),
      slots: createSlots(),
      rights,
      stand: of === own ? { rights, leaves: false } : { rights: standIn(userHere), leaves: true },
    };
  }

  /** The agent itself answers for nobody: it may write Secrets that no tenant may. */
  const standIn = (user: string | undefined): Rights | undefined =>
    user === undefined ? undefined : createRights(own.impersonate({ user }), user);

  const all: Connections = {
    async hold({ spec, metadata }, before, signal) {
      const secret = spec.kubeConfig?.secretRef.name;
      const userOf = (account: string | undefined) =>
        account === undefined ? undefined : `system:serviceaccount:${metadata.namespace}:${account}`;
      const userHere = userOf(spec.serviceAccountName ?? defaultServiceAccount);
      const user = secret === undefined ? userHere : userOf(spec.serviceAccountName);
      const reach = secret === undefined ? used(home) : await remote(metadata.namespace, secret, signal);
      // Whoever a kubeconfig stands for there, here that is nobody.
      const key = `${reach.value.id} ${user ?? ""} ${userHere ?? ""}`;
      try {
        const shared = connections.get(key) ?? { value: viewOf(reach.value.cluster, user, userHere), users: 0 };
        if (before !== undefined && held.get(before) === shared) {
          releaseReach(reach);
          return before;
        }
        connections.set(key, shared);
        return join(key, shared, reach);
      } catch (thrown) {
        releaseReach(reach);
        throw thrown;
      }
    },
    async standOf(environment, signal) {
      const connection = await all.hold(environment, undefined, signal);
      connection.release();
      return connection.stand;
    },
    counts: () => ({
      connections: connections.size,
      watches: [...connections.values()].reduce((sum, { value }) => sum + value.watches.size, 0),
    }),
    async close() {
      const open = [...connections.values()];
      const reached = [...remotes.values()];
      connections.clear();
      remotes.clear();
      held.clear();
      await Promise.all(open.map(({ value }) => value.watches.close()));
      await Promise.all(reached.map(({ value }) => value.cluster.close()));
    },
  };
  return all;
}

function used<Value>(shared: Shared<Value>): Shared<Value> {
  shared.users += 1;
  return shared;
}

/** The kubeconfig of a Secret, under the keys that Flux reads: `value`, or `value.yaml`. */
async function readKubeconfig(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly text: string }> {
  const secret = await readSecret(cluster, { namespace, name }, unusable, signal);
  const encoded = stringAt(secret, "data", "value") ?? stringAt(secret, "data", "value.yaml");
  if (encoded !== undefined) {
    return { version: secret.metadata.resourceVersion ?? "", text: Buffer.from(encoded, "base64").toString() };
  }
  const { code, ...where } = unusable;
  throw new Failure(code, { message: `Secret ${namespace}/${name} has no key "value"`, ...where });
}

const unusable = {
  code: "SpecInvalid",
  field: "spec.kubeConfig.secretRef",
  hint: "put the other cluster's kubeconfig under the key value",
} as const;
