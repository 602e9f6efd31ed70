import type { Environment } from "../api/environment.ts";
import { type Cluster, connect } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { stringAt } from "../model/json.ts";
import { createEvidenceView, createLiveView, type EvidenceView, type LiveView } from "../rollout/index.ts";
import { createRights, type Rights } from "./rights.ts";
import { createTurns, type Turns } from "./turns.ts";
import type { Stand } from "./voucher.ts";

/** A cluster as one identity sees it, with the watches that its Environments share. */
export interface Connection {
  readonly cluster: Cluster;
  readonly view: LiveView;
  readonly evidence: EvidenceView;
  /** Those of all passes that work over it. */
  readonly turns: Turns;
  /** What the identity may do in that cluster. */
  readonly rights: Rights;
  /** Who answers, in the cluster of the sealing keys, for opening what is sealed. */
  readonly stand: Stand;
}

/** The connections of all Environments: one for each cluster and identity. */
export interface Connections {
  /**
   * The connection on which an Environment's objects are read and written. Throws `Failure` (SpecInvalid) for a kubeconfig
   * that is missing, or that would run programs or read files of the agent.
   */
  of(environment: Environment, signal: AbortSignal): Promise<Connection>;
  close(): Promise<void>;
}

/** Connections from the agent's own by impersonation, and to other clusters by the kubeconfigs of Secrets. */
export function createConnections(own: Cluster, defaultServiceAccount: string | undefined): Connections {
  const views = new Map<string, Connection>();
  const remotes = new Map<string, { readonly version: string; readonly cluster: Cluster }>();

  /** The cluster of a kubeconfig Secret; a Secret that was changed is another connection. */
  async function remote(namespace: string, name: string, signal: AbortSignal): Promise<Cluster> {
    const { version, text } = await readKubeconfig(own, { namespace, name }, signal);
    const key = `${namespace}/${name}`;
    const known = remotes.get(key);
    if (known?.version === version) return known.cluster;
    const cluster = await connect({ from: "text", text });
    remotes.set(key, { version, cluster });
    if (known !== undefined) await forget(known.cluster);
    return cluster;
  }

  async function forget(cluster: Cluster): Promise<void> {
    for (const [key, connection] of views) {
      if (!key.startsWith(`${idOf(cluster)} `)) continue;
      views.delete(key);
      await closeViews(connection);
    }
    await cluster.close();
  }

  const ids = new Map<Cluster, string>([[own, "own"]]);
  const idOf = (cluster: Cluster): string => {
    const id = ids.get(cluster) ?? `remote-${ids.size}`;
    ids.set(cluster, id);
    return id;
  };

  function viewOf(of: Cluster, user: string | undefined, userHere: string | undefined): Connection {
    const cluster = user === undefined ? of : of.impersonate({ user });
    const rights = createRights(cluster, user ?? (of === own ? "the agent" : "the user of the kubeconfig"));
    return {
      cluster,
      view: createLiveView(cluster),
      evidence: createEvidenceView(cluster),
      turns: createTurns(),
      rights,
      stand: of === own ? { rights, leaves: false } : { rights: standIn(userHere), leaves: true },
    };
  }

  /** The agent itself answers for nobody: it may write Secrets that no tenant may. */
  const standIn = (user: string | undefined): Rights | undefined =>
    user === undefined ? undefined : createRights(own.impersonate({ user }), user);

  return {
    async of({ spec, metadata }, signal) {
      const secret = spec.kubeConfig?.secretRef.name;
      const cluster = secret === undefined ? own : await remote(metadata.namespace, secret, signal);
      const userOf = (account: string | undefined) =>
        account === undefined ? undefined : `system:serviceaccount:${metadata.namespace}:${account}`;
      const userHere = userOf(spec.serviceAccountName ?? defaultServiceAccount);
      const user = secret === undefined ? userHere : userOf(spec.serviceAccountName);
      // Whoever a kubeconfig stands for there, here that is nobody.
      const key = `${idOf(cluster)} ${user ?? ""} ${userHere ?? ""}`;
      const connection = views.get(key) ?? viewOf(cluster, user, userHere);
      views.set(key, connection);
      return connection;
    },
    async close() {
      await Promise.all([...views.values()].map(closeViews));
      await Promise.all([...remotes.values()].map(({ cluster }) => cluster.close()));
      views.clear();
      remotes.clear();
    },
  };
}

async function closeViews({ view, evidence }: Connection): Promise<void> {
  await Promise.all([view.close(), evidence.close()]);
}

/** The kubeconfig of a Secret, under the keys that Flux reads: `value`, or `value.yaml`. */
async function readKubeconfig(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly text: string }> {
  const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name }, signal);
  const encoded = stringAt(secret, "data", "value") ?? stringAt(secret, "data", "value.yaml");
  if (encoded !== undefined) {
    return { version: secret?.metadata.resourceVersion ?? "", text: Buffer.from(encoded, "base64").toString() };
  }
  throw new Failure("SpecInvalid", {
    field: "spec.kubeConfig.secretRef",
    message:
      secret === undefined
        ? `there is no Secret ${namespace}/${name}`
        : `Secret ${namespace}/${name} has no key "value"`,
    hint: "put the other cluster's kubeconfig under the key value",
  });
}
