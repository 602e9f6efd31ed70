import type { JsonObject } from "../model/json/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { MemoryBudget } from "./http/memory-budget.ts";

/** A kind as the API server serves it. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The name in URLs and RBAC rules: `deployments`. */
  readonly plural: string;
  /** Further names that people type: `deploy`, `cm`, and the singular. */
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
  /** `get`, `list`, `watch`, `patch`, `delete`, … */
  readonly verbs: readonly string[];
}

/** Names one object. `namespace` is empty or absent for cluster-scoped kinds, and ignored if one is given for them. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Whom to act as. The API server adds the groups of a service account itself. */
export interface Impersonation {
  /** `system:serviceaccount:<namespace>:<name>`, or any user. */
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What to list. Selectors are written as in the API: `app=web,tier!=cache`, `metadata.name=web`. */
export interface ListOptions {
  /** Absent or empty: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Fetches only `apiVersion`, `kind` and `metadata`. */
  readonly metadataOnly?: boolean;
  /** Applied to each object as its page arrives, so that what is not kept is never held all at once. */
  readonly keep?: (object: KubeObject) => KubeObject;
}

/** A list, all of one version. */
export interface ObjectList {
  readonly items: readonly KubeObject[];
  /** The version, for a watch to resume from. */
  readonly resourceVersion: string;
}

/** How to apply. */
export interface ApplyOptions {
  /** Asks what would come of it, admission included, and writes nothing. */
  readonly dryRun: boolean;
  /** Takes fields from other managers; without it that is a `Conflict`. */
  readonly force: boolean;
  /** `mooring` if absent. */
  readonly fieldManager?: string;
}

/** What came of an apply. */
export interface Applied {
  /** The whole object as it now is, or for a dry run would be. */
  readonly object: KubeObject;
  /**
   * Set when the API server said that it created the object. After a lost answer the repeated request finds the
   * object there, so absence of this is no proof that it existed before.
   */
  readonly created: boolean;
}

/** How to write a part of an object; `subresource` is `status`, `scale`, … */
export interface WriteOptions {
  readonly subresource?: string;
  /** Asks what would come of it and writes nothing. */
  readonly dryRun?: boolean;
  /** `mooring` if absent. */
  readonly fieldManager?: string;
}

/** The three forms of a patch: RFC 7386, RFC 6902, and Kubernetes' own for its built-in kinds. */
export type Patch =
  | { readonly type: "merge"; readonly body: JsonObject }
  | { readonly type: "json"; readonly body: readonly JsonObject[] }
  | { readonly type: "strategic"; readonly body: JsonObject };

/** How to delete. With `uid` only that very object is deleted, never one that took its name since. */
export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation: "Background" | "Foreground" | "Orphan";
}

/** `deleted`: it is gone. `terminating`: finalizers still hold it. `absent`: there was none. */
export type Deleted = "deleted" | "terminating" | "absent";

/** Which lines of a container's log to read. */
export interface LogOptions {
  readonly container?: string;
  /** The log of the container's previous run, before it crashed. */
  readonly previous?: boolean;
  readonly tailLines: number;
}

/** What somebody wants to do, in the words of RBAC. Without a namespace: everywhere. */
export interface AccessReview {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** `deployments`, or `environments/status`. */
  readonly resource: string;
  readonly namespace?: string;
  /** Without it: any object of that kind, of whatever name. */
  readonly name?: string;
}

/** What a request was for. `dryRun` is an apply or patch that writes nothing. */
export type RequestKind =
  | "get"
  | "list"
  | "watch"
  | "apply"
  | "dryRun"
  | "patch"
  | "create"
  | "update"
  | "delete"
  | "logs"
  | "discovery";

/** How many requests were sent since the start, repeated ones included. */
export type RequestCounts = Readonly<Record<RequestKind, number>>;

/** An event of a watch. */
export type WatchEvent =
  /** The API server has taken the watch: first of all. */
  | { readonly type: "OPENED" }
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: KubeObject }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string }
  /** The version to go on from is no longer kept (410): only a new list helps. */
  | { readonly type: "EXPIRED" };

/** Where a watch goes on from, and for how long. */
export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly metadataOnly?: boolean;
  readonly resourceVersion: string;
  /** The API server ends the watch after this many seconds. */
  readonly timeoutSeconds: number;
  /** Without a byte for this long the connection counts as dead. */
  readonly silenceMs: number;
}

/**
 * The Kubernetes API. Every method throws `Failure`: `ClusterUnreachable`, `ClusterBusy`, `Unauthorized`, `Forbidden`,
 * `KindUnknown`, `NotFound`, `Conflict`, `ObjectInvalid`, `FieldImmutable`, `AdmissionDenied`, `QuotaExceeded`; after an
 * abort the signal's reason if that is a `Failure`, else `Interrupted` (`ClusterUnreachable` for a timeout signal).
 * Requests that may be sent twice without harm (reads, applies, deletes of a uid) are, a few times, when the connection
 * breaks or the server says it is overloaded; the others only when the server cannot have acted on them.
 */
export interface Cluster {
  /** The URL of the API server, without credentials: for messages. */
  readonly server: string;
  /** Where what is held of it is counted; absent: nowhere. */
  readonly memory?: MemoryBudget;
  /** The namespace of the kubeconfig's context, or of the agent's pod. */
  readonly defaultNamespace: string;
  /** The version of Kubernetes: `v1.34.1`. */
  version(signal: AbortSignal): Promise<string>;
  /** Whether the user may do something here, by a SelfSubjectAccessReview. */
  allowed(review: AccessReview, signal: AbortSignal): Promise<boolean>;
  /** The kind as it is served, or undefined where it is not; a kind not known yet is looked for again. */
  resource(apiVersion: string, kind: string, signal: AbortSignal): Promise<ResourceType | undefined>;
  /** Every kind that is served, in the order in which the API server prefers groups and versions; from memory where it is known. */
  kinds(signal: AbortSignal): Promise<readonly ResourceType[]>;
  /** The object, or undefined where there is none. */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined>;
  /** All objects that match, read page by page. */
  list(type: ResourceType, options: ListOptions, signal: AbortSignal): Promise<ObjectList>;
  /** The resourceVersion of now, by the smallest list there is: no newer one was ever shown of this kind. */
  latestVersion(type: ResourceType, options: Pick<ListOptions, "namespace">, signal: AbortSignal): Promise<string>;
  /** Server-side apply with strict field validation. */
  apply(object: KubeObject, options: ApplyOptions, signal: AbortSignal): Promise<Applied>;
  patch(ref: ObjectRef, patch: Patch, options: WriteOptions, signal: AbortSignal): Promise<KubeObject>;
  /** Throws `Conflict` where the object exists. With `dryRun` it asks what would be created and writes nothing. */
  create(object: KubeObject, signal: AbortSignal, options?: Pick<WriteOptions, "dryRun">): Promise<KubeObject>;
  /** Replaces the object; with a `resourceVersion` in it only that version, else `Conflict`. */
  update(object: KubeObject, options: WriteOptions, signal: AbortSignal): Promise<KubeObject>;
  /** Throws `Conflict` where `uid` or `resourceVersion` is another one. */
  delete(ref: ObjectRef, options: DeleteOptions, signal: AbortSignal): Promise<Deleted>;
  /** The last lines of a container's log; at most 64 KiB. */
  podLogs(pod: { namespace: string; name: string }, options: LogOptions, signal: AbortSignal): Promise<string>;
  /** One watch, to its end. Prefer a `WatchHub`, whose watches also survive that end. */
  watch(type: ResourceType, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /**
   * The same cluster as another user: connections, discovery and counts are shared. Closing it closes nothing. Throws
   * `SpecInvalid` for a name that no user can have.
   */
  impersonate(who: Impersonation): Cluster;
  /** Calls the listener each time the API server answers again after it did not; returns how to stop that. */
  onRecovery(listener: () => void): () => void;
  /** Requests sent so far by this cluster and all that share its connections. */
  stats(): RequestCounts;
  /** Ends every request and watch, and closes the connections. */
  close(): Promise<void>;
}

/** The reference of an object at hand. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
