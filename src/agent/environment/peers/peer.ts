import { type Environment, readEnvironment } from "../../../api/environment/environment.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { environmentAnnotations } from "../../../api/names.ts";
import { atPin } from "../../../environment/index.ts";
import { untilAborted } from "../../../model/async/until-aborted.ts";
import { type FailureCode, toFailure } from "../../../model/failure.ts";
import type { InventoryEntry } from "../../../model/inventory.ts";
import { canonicalJson, listAt, objectAt, stringAt } from "../../../model/json/json.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { parseId } from "../../../model/object-id.ts";
import { servedKind } from "../../../rollout/index.ts";
import type { Lent } from "../bindings/bindings.ts";
import type { Connection } from "../bindings/connections.ts";
import type { Subscription } from "../bindings/sources.ts";
import type { ContentContext } from "../passes/pass-context.ts";
import { desiredIds } from "./desired-ids.ts";
import { ownPlace, type Peer } from "./ownership-peers.ts";

/** What a peer is made of. */
export interface PeerContext {
  /** The Environment as it was last seen. */
  readonly object: () => KubeObject;
  /** Its status as its runner knows it, after the first pass. */
  readonly status: () => EnvironmentStatus | undefined;
  /** Its source, once it has one. */
  readonly source: () => Subscription | undefined;
  /** What its content is found out with, for one question. */
  readonly lendContent: (environment: Environment, signal: AbortSignal) => Promise<Lent<ContentContext>>;
  /** The cluster that it rolls out to and what it may do there, for one question. */
  readonly lendConnection: (
    environment: Environment,
    signal: AbortSignal,
  ) => Promise<Lent<Pick<Connection, "cluster" | "rights">>>;
  readonly wake: () => void;
}

/** One Environment, as its peers see it. What it wants is cached for as long as nothing of that changes. */
export function createPeer({ object, status, source, lendContent, lendConnection, wake }: PeerContext): Peer {
  let known: { readonly key: string; readonly ids: ReadonlySet<string> } | undefined;
  const { name, namespace = "" } = object().metadata;
  const inventory = (): ReadonlySet<string> => {
    const entries = status()?.inventory?.entries ?? listAt(object(), "status", "inventory", "entries");
    return new Set(entries.flatMap((entry) => stringAt(entry, "id") ?? []));
  };

  /** Everything that what it wants depends on but for variables, which name objects as good as never. */
  async function keyAt(commit: string | undefined, signal: AbortSignal): Promise<string> {
    const newest = commit ?? (await latestCommit(source(), signal)) ?? "";
    const { failedRevision = "", failedGeneration = 0, lastHealthyRevision = "", attempt = "" } = status() ?? {};
    return canonicalJson([
      newest,
      wakingPart(object()),
      failedRevision,
      failedGeneration,
      lastHealthyRevision,
      attempt,
    ]);
  }

  async function currentIds(commit: string | undefined, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const environment = readEnvironment(object());
    if (environment.metadata.deletionTimestamp !== undefined) return new Set();
    // While it is suspended nobody takes anything from it.
    if (environment.spec.suspend) return inventory();
    const key = await keyAt(commit, signal);
    if (known?.key === key && (environment.spec.schedule ?? []).length === 0) return known.ids;
    using lent = await lendContent(atPin(environment), signal);
    const ids = await desiredIds(lent.value, commit, signal);
    known = { key: await keyAt(commit, signal), ids };
    return ids;
  }

  return {
    owner: { name, namespace },
    get place() {
      const secret = stringAt(object(), "spec", "kubeConfig", "secretRef", "name");
      return secret === undefined ? ownPlace : `${namespace}/${secret}`;
    },
    get follows() {
      const from = objectAt(object(), "spec", "source");
      const pin = object().metadata.annotations?.[environmentAnnotations.pin] ?? "";
      return canonicalJson([from?.url ?? "", from?.ref ?? {}, pin]);
    },
    async desiredIds(commit, signal) {
      try {
        return await untilAborted(currentIds(commit, signal), signal);
      } catch (thrown) {
        // Its own passes report what keeps it from answering.
        if (!(thrown instanceof DOMException) && toFailure(thrown).code === "Bug") throw thrown;
        return known?.ids ?? inventory();
      }
    },
    async mayWrite({ id, v }, signal) {
      try {
        using lent = await lendConnection(readEnvironment(object()), signal);
        return await mayWrite(lent.value, { id, v }, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const failure = toFailure(thrown);
        if (unanswered.includes(failure.code)) throw failure;
        return false;
      }
    },
    wake,
  };
}

/** Failures that say nothing about the Environment whose rights were reviewed. One that was deleted meanwhile claims nothing. */
const unanswered: readonly FailureCode[] = ["ClusterUnreachable", "ClusterBusy", "Unauthorized", "Bug"];

async function mayWrite(
  { cluster, rights }: Pick<Connection, "cluster" | "rights">,
  { id: key, v }: InventoryEntry,
  signal: AbortSignal,
): Promise<boolean> {
  const id = parseId(key);
  if (id === undefined) return false;
  const { group, namespace, name } = id;
  // Who wants it may have it in another version.
  const type = await servedKind(cluster, id, v, signal);
  if (type === undefined) return false;
  return rights.allow(["create", "patch"], { group, resource: type.plural, namespace, name }, signal);
}

async function latestCommit(source: Subscription | undefined, signal: AbortSignal): Promise<string | undefined> {
  return source === undefined ? undefined : (await untilAborted(source.latest(signal), signal)).revision.commit;
}

/** What of an Environment is a reason to wake: its spec, requests by annotation, and its deletion. */
export function wakingPart({ metadata }: KubeObject): string {
  const { generation, annotations, deletionTimestamp } = metadata;
  const requests = Object.values(environmentAnnotations).map((each) => annotations?.[each] ?? "");
  return canonicalJson([generation ?? 0, deletionTimestamp ?? "", requests]);
}
