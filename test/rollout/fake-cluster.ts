import { type Cluster, type DeleteOptions, type ObjectRef, type ResourceType, refOf } from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import { canonicalJson } from "../../src/model/json/json.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../../src/model/object-id.ts";
import type { ApplyTarget } from "../../src/rollout/target/apply-target.ts";
import { createComparisonCache } from "../../src/rollout/target/comparison-cache.ts";
import type { LiveListener } from "../../src/rollout/watch/live-view.ts";
import { vouchAsKeyHolder } from "../../src/seal/index.ts";

/** A request that writes, or would. */
export interface Write {
  readonly verb: "apply" | "create" | "delete";
  readonly object: ObjectRef;
  readonly desired?: KubeObject;
  readonly live: KubeObject | undefined;
  readonly dryRun: boolean;
}

/**
 * A cluster in memory, for what needs no more of it than names, versions and finalizers. What is seen of it is always what
 * it holds. `refuse` says what it has against a write.
 */
export class FakeCluster {
  /** Every write that was not refused, dry runs aside: `delete ConfigMap/one`. */
  readonly writes: string[] = [];
  refuse: (write: Write) => Failure | undefined = () => undefined;
  /** The kinds that it serves: any, in any version, where it does not say. */
  served: readonly (readonly [apiVersion: string, kind: string])[] | undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<LiveListener>();
  #version = 0;

  readonly cluster = {
    resource: async (apiVersion: string, kind: string) =>
      this.#serves(apiVersion, kind) ? typeOf(apiVersion, kind) : undefined,
    kinds: async () => (this.served ?? []).map(([apiVersion, kind]) => typeOf(apiVersion, kind)),
    get: async (ref: ObjectRef) => {
      this.#find(ref);
      const { apiVersion } = ref;
      const live = this.get(ref);
      return live && { ...live, apiVersion };
    },
    apply: async (object: KubeObject, { dryRun }: { readonly dryRun: boolean }) => {
      this.#find(object);
      const live = this.get(refOf(object));
      this.#ask({ verb: "apply", object: refOf(object), desired: object, live, dryRun });
      const merged = live && { ...live, ...object, metadata: { ...live.metadata, ...object.metadata } };
      if (live !== undefined && canonicalJson(merged ?? {}) === canonicalJson(live)) {
        return { object: live, created: false };
      }
      const version = dryRun ? (live?.metadata.resourceVersion ?? "0") : this.#next();
      const uid = live?.metadata.uid ?? `uid-${version}`;
      const written = merged ?? object;
      const now = { ...written, metadata: { ...written.metadata, uid, resourceVersion: version } };
      if (!dryRun) this.#keep(now);
      return { object: now, created: live === undefined };
    },
    create: async (object: KubeObject, _signal: AbortSignal, { dryRun = false } = {}) => {
      const live = this.get(refOf(object));
      this.#ask({ verb: "create", object: refOf(object), desired: object, live, dryRun });
      if (live !== undefined) throw new Failure("Conflict", { message: "is there" });
      const version = dryRun ? "0" : this.#next();
      const now = { ...object, metadata: { ...object.metadata, uid: `uid-${version}`, resourceVersion: version } };
      if (!dryRun) this.#keep(now);
      return now;
    },
    delete: async (ref: ObjectRef, { uid, resourceVersion }: DeleteOptions) => {
      const live = this.get(ref);
      this.#ask({ verb: "delete", object: ref, live, dryRun: false });
      if (live === undefined) return "absent";
      const isOther = uid !== undefined && uid !== live.metadata.uid;
      const hasMoved = resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion;
      if (isOther || hasMoved) throw new Failure("Conflict", { message: "is another one" });
      const finalizers = live.metadata.finalizers;
      if (!Array.isArray(finalizers) || finalizers.length === 0) {
        this.remove(ref);
        return "deleted";
      }
      const deletionTimestamp = "2026-01-01T00:00:00Z";
      this.#keep({ ...live, metadata: { ...live.metadata, deletionTimestamp, resourceVersion: this.#next() } });
      return "terminating";
    },
  } as Partial<Cluster> as Cluster;

  /** Where an Environment `own` rolls out to. */
  target(more: Partial<ApplyTarget> = {}): ApplyTarget {
    const target: Partial<ApplyTarget> = {
      cluster: this.cluster,
      view: {
        track: async () => undefined,
        retain: () => undefined,
        get: (id) => this.#objects.get(formatId(id)),
        failure: () => undefined,
        renew: () => undefined,
        onChange: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
        onRewind: () => () => undefined,
        closed: new AbortController().signal,
        close: async () => undefined,
      },
      evidence: {
        follow: () => () => undefined,
        of: () => ({ pods: [], related: [], events: [] }),
      },
      vouch: async (manifests) => vouchAsKeyHolder(manifests),
      owner: { name: "own", namespace: "mooring-system" },
      slot: { releaseWhile: (wait) => wait() },
      comparisons: createComparisonCache(),
      ignore: [],
      healthRules: undefined,
      ownershipPeers: { claimedBy: async () => new Map(), unclaimed: async () => new Set() },
      externalChecks: [],
      ...more,
    };
    return target as ApplyTarget;
  }

  get(ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(formatId(idOf(ref)));
  }

  /** As somebody else writes it. */
  put(object: KubeObject): KubeObject {
    const uid = this.get(refOf(object))?.metadata.uid ?? `uid-${object.metadata.name}`;
    const now = { ...object, metadata: { ...object.metadata, uid, resourceVersion: this.#next() } };
    this.#keep(now);
    return now;
  }

  remove(ref: ObjectRef): void {
    const id = idOf(ref);
    this.#objects.delete(formatId(id));
    for (const listener of [...this.#listeners]) listener(id, undefined);
  }

  #serves(apiVersion: string, kind: string): boolean {
    return this.served === undefined || this.served.some((each) => each[0] === apiVersion && each[1] === kind);
  }

  #find({ apiVersion, kind }: Pick<ObjectRef, "apiVersion" | "kind">): void {
    if (!this.#serves(apiVersion, kind)) throw new Failure("KindUnknown", { message: "is not served" });
  }

  #ask(write: Write): void {
    const refused = this.refuse(write);
    if (refused !== undefined) throw refused;
    if (!write.dryRun) this.writes.push(`${write.verb} ${write.object.kind}/${write.object.name}`);
  }

  #keep(object: KubeObject): void {
    const id = idOf(refOf(object));
    this.#objects.set(formatId(id), object);
    for (const listener of [...this.#listeners]) listener(id, object);
  }

  #next(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

/** A manifest of an object, in a file of its name. */
export function manifestOf(object: KubeObject): Manifest {
  const origin = { file: `${object.metadata.name}.yaml`, line: 1, chain: [] };
  return { id: idOf(refOf(object)), object, origin, sensitive: false, digest: canonicalJson(object) };
}

function idOf({ apiVersion, kind, namespace = "", name }: ObjectRef): ObjectId {
  return { group: groupOf(apiVersion), kind, namespace, name };
}

const clusterScoped = /^(?:Namespace|Cluster|CustomResourceDefinition|Validating)/;

function typeOf(apiVersion: string, kind: string): ResourceType {
  const version = apiVersion.split("/").at(-1) ?? "";
  const plural = `${kind.toLowerCase()}s`;
  const verbs = ["list", "watch", "get", "delete"];
  return { group: groupOf(apiVersion), version, kind, plural, namespaced: !clusterScoped.test(kind), verbs };
}
