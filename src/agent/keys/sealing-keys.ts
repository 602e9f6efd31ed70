import { sealingKeyLabel } from "../../api/sealed-secret.ts";
import { guarded, reportBug } from "../../clock/index.ts";
import type { Cluster, WatchHub } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Manifest } from "../../model/manifest.ts";
import {
  type KeyRing,
  keyRing,
  type RenderTemplates,
  UnsealCache,
  unsealManifests,
  type Vouched,
} from "../../seal/index.ts";
import type { Log } from "../log.ts";

/** The agent's sealing keys, wherever they came from: its own, a sealed-secrets controller's, a restored backup's. */
export interface SealingKeys {
  /** The keys of the moment; a key that went from the cluster is kept by none. */
  readonly ring: KeyRing;
  /** Opens sealed manifests with the keys of the moment. */
  unseal(manifests: Vouched, renderTemplates: RenderTemplates): Promise<readonly Manifest[]>;
  /** Told when a key came, went or was restored; returns how to stop that. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** Watches the key Secrets of a namespace, in the format of the sealed-secrets controller. */
export async function openSealingKeys(
  cluster: Cluster,
  { watches, namespace, log }: { readonly watches: WatchHub; readonly namespace: string; readonly log: Log },
  signal: AbortSignal,
): Promise<SealingKeys> {
  const resource = await cluster.resource("v1", "Secret", signal);
  if (resource === undefined) throw new Failure("KindUnknown", { message: "the API server serves no Secrets" });
  const cache = watches.subscribe({ resource, namespace, labelSelector: sealingKeyLabel, metadataOnly: false });
  try {
    await cache.ready(signal);
  } catch (thrown) {
    await cache.close();
    throw thrown;
  }
  const unsealed = new UnsealCache();
  const listeners = new Set<() => void>();
  let ring = keyRing(cache.all());
  const stop = cache.onChange(() => {
    ring = keyRing(cache.all());
    for (const problem of ring.problems) log.warn({ ...problem }, "a sealing key cannot be used");
    for (const listener of listeners) listener();
  });
  return {
    get ring() {
      return ring;
    },
    unseal: (manifests, renderTemplates) => unsealManifests(manifests, ring, unsealed, renderTemplates),
    onChange(listener) {
      const entry = guarded(listener, reportBug);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    async close() {
      stop();
      await cache.close();
    },
  };
}
