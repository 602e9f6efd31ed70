import type { KeysOf, ResourceType, Subscription, WatchHub } from "../../cluster/index.ts";
import type { Evidence } from "../../health/index.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";

/**
 * Pods, ReplicaSets and warnings of the namespaces in which something is waited for. Watched while somebody waits there,
 * and closed with the last one.
 */
export interface EvidenceView {
  /** Watches a namespace until the returned function is called. Kinds that may not be read are done without. */
  follow(namespace: string, onChange: () => void): () => void;
  /** What is known of a workload beside itself. Its cost depends on its own ReplicaSets, pods and events alone. */
  of(object: KubeObject): Pick<Evidence, "pods" | "related" | "events">;
}

const core = (kind: string, plural: string): ResourceType => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced: true,
  verbs: ["list", "watch"],
});
const kinds = {
  pods: core("Pod", "pods"),
  replicaSets: { ...core("ReplicaSet", "replicasets"), group: "apps" },
  events: core("Event", "events"),
} as const;

type KindName = keyof typeof kinds;
const kindNames = ["pods", "replicaSets", "events"] as const satisfies readonly KindName[];

/** One namespace, and who waits there. */
interface Followed {
  readonly watches: Map<KindName, Subscription>;
  readonly listeners: Set<() => void>;
}

/** Evidence over the watches of one identity. */
export function createEvidenceView(hub: WatchHub): EvidenceView {
  const namespaces = new Map<string, Followed>();

  /** Opens the watches that are missing or were refused: the rights may have changed. */
  function open(namespace: string, { watches, listeners }: Followed): void {
    for (const name of kindNames) {
      const known = watches.get(name);
      if (known !== undefined && known.state !== "ended") continue;
      void known?.close();
      const watch = hub.subscribe({ resource: kinds[name], namespace, metadataOnly: false });
      watch.onChange(() => {
        for (const listener of [...listeners]) listener();
      });
      watches.set(name, watch);
    }
  }

  return {
    follow(namespace, onChange) {
      const followed = namespaces.get(namespace) ?? { watches: new Map(), listeners: new Set() };
      open(namespace, followed);
      namespaces.set(namespace, followed);
      const listener = () => onChange();
      followed.listeners.add(listener);
      return () => {
        followed.listeners.delete(listener);
        if (followed.listeners.size > 0 || namespaces.get(namespace) !== followed) return;
        namespaces.delete(namespace);
        for (const watch of followed.watches.values()) void watch.close();
      };
    },
    of(object) {
      const watches = namespaces.get(object.metadata.namespace ?? "")?.watches;
      const related = lookUp(watches?.get("replicaSets"), ownerUids, [object]);
      const pods = lookUp(watches?.get("pods"), ownerUids, [object, ...related]);
      const events = lookUp(watches?.get("events"), involvedUid, [object, ...related, ...pods]);
      return { pods, related, events };
    },
  };
}

/** Each once, in the order of those that it belongs to. */
function lookUp(watch: Subscription | undefined, keysOf: KeysOf, of: readonly KubeObject[]): readonly KubeObject[] {
  if (watch === undefined) return [];
  return [...new Set(of.flatMap(({ metadata: { uid } }) => (uid === undefined ? [] : watch.by(keysOf, uid))))];
}

const ownerUids: KeysOf = (object) =>
  listAt(object, "metadata", "ownerReferences").flatMap((reference) => stringAt(reference, "uid") ?? []);

const involvedUid: KeysOf = (event) => {
  const uid = stringAt(event, "involvedObject", "uid");
  return uid === undefined ? [] : [uid];
};
