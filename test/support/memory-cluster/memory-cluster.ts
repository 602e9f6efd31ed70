import type {
  Applied,
  ApplyOptions,
  Cluster,
  Deleted,
  DeleteOptions,
  ObjectRef,
  Patch,
  ResourceType,
  WriteOptions,
} from "../../../src/cluster/index.ts";
import { refOf } from "../../../src/cluster/index.ts";
import { Failure } from "../../../src/model/failure.ts";
import { canonicalJson, isObject, type Json, type JsonObject, valueAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { groupOf } from "../../../src/model/object-id.ts";
import { standardKinds, withStatus } from "./kinds.ts";
import { afterUpdate, type Writer, withManagers } from "./managers.ts";
import { matches, shownAs } from "./selectors.ts";
import { applied } from "./server-side-apply.ts";
import { Store } from "./store.ts";

/** What a write asks for; `dryRun` writes nothing. */
export interface WriteRequest {
  readonly verb: "apply" | "create" | "update" | "patch" | "delete";
  readonly ref: ObjectRef;
  readonly dryRun: boolean;
  readonly subresource: string | undefined;
}

/**
 * A cluster in memory that keeps the promises of the real adapter, as `test/cluster/contract.test.ts` shows for both: field
 * managers, versions, generations, finalizers, selectors and watches. It has no schemas, defaults, controllers or rights.
 */
export class MemoryCluster implements Cluster {
  readonly server = "memory";
  readonly defaultNamespace = "default";
  readonly store = new Store();
  readonly #kinds: ResourceType[];
  readonly #closing = new AbortController();
  #uids = 0;
  /** Asked before each write, and told what came of it after. What it throws is what the write throws. */
  before: (request: WriteRequest) => Promise<void> | void = () => undefined;
  after: (request: WriteRequest, object: KubeObject | undefined) => void = () => undefined;

  constructor(kinds = standardKinds, namespaces: readonly string[] = ["default"]) {
    this.#kinds = [...kinds];
    for (const name of namespaces) {
      const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
      this.store.write(this.#keyOf(refOf(object)), "Namespace", this.#born(object));
    }
  }

  version = async () => "v1.34.0";
  allowed = async () => true;
  resource = async (apiVersion: string, kind: string) => this.#type(apiVersion, kind);
  kinds = async () => this.#kinds;
  podLogs = async () => "";
  impersonate = () => this;
  onRecovery = () => () => undefined;
  latestVersion = async () => this.store.version;

  async get(ref: ObjectRef, signal: AbortSignal): Promise<KubeObject | undefined> {
    signal.throwIfAborted();
    return this.store.get(this.#keyOf(ref));
  }

  list: Cluster["list"] = async (type, options, signal) => {
    signal.throwIfAborted();
    const { keep = (object: KubeObject) => object } = options;
    const items = this.store.all(`${type.group}/${type.kind}/`).filter((object) => matches(object, options));
    return {
      items: items.map((object) => keep(shownAs(object, options.metadataOnly))),
      resourceVersion: this.store.version,
    };
  };

  watch: Cluster["watch"] = (type, options, signal) =>
    this.store.watch(type, options, AbortSignal.any([signal, this.#closing.signal]));

  async apply(object: KubeObject, options: ApplyOptions, signal: AbortSignal): Promise<Applied> {
    const ref = refOf(object);
    const request = { verb: "apply", ref, dryRun: options.dryRun, subresource: undefined } as const;
    return this.#writing(request, signal, () => {
      const live = this.store.get(this.#keyOf(ref));
      const { status, ...rest } = object;
      const wanted = (withStatus.has(object.kind) || status === undefined ? rest : object) as KubeObject;
      if (live === undefined) this.#requireNamespace(ref);
      const base = live ?? this.#born(bare(object));
      const now = applied(base, wanted, { manager: options.fieldManager ?? "mooring", force: options.force });
      const kept = this.#keep(live, now, options.dryRun);
      return { answer: { object: kept, created: live === undefined }, object: kept };
    });
  }

  async create(
    object: KubeObject,
    signal: AbortSignal,
    { dryRun = false }: Pick<WriteOptions, "dryRun"> = {},
  ): Promise<KubeObject> {
    const ref = refOf(object);
    return this.#writing({ verb: "create", ref, dryRun, subresource: undefined }, signal, () => {
      if (this.store.get(this.#keyOf(ref)) !== undefined) throw conflict(ref, "exists already");
      this.#requireNamespace(ref);
      const writer: Writer = { name: "mooring", operation: "Update", subresource: "" };
      const born = this.#born(object);
      const kept = this.#keep(undefined, withManagers(born, afterUpdate(bare(born), born, writer)), dryRun);
      return { answer: kept, object: kept };
    });
  }

  async update(object: KubeObject, options: WriteOptions, signal: AbortSignal): Promise<KubeObject> {
    return this.#change({ verb: "update", ref: refOf(object), options }, signal, (live) => {
      const { resourceVersion, uid } = object.metadata;
      if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
        throw conflict(refOf(object), "was changed by someone else at the same time");
      }
      if (uid !== undefined && uid !== live.metadata.uid) throw conflict(refOf(object), "is another object");
      return object;
    });
  }

  async patch(ref: ObjectRef, patch: Patch, options: WriteOptions, signal: AbortSignal): Promise<KubeObject> {
    return this.#change({ verb: "patch", ref, options }, signal, (live) => {
      const expected = patch.type === "json" ? undefined : valueAt(patch.body, "metadata", "resourceVersion");
      if (expected !== undefined && expected !== live.metadata.resourceVersion) {
        throw conflict(ref, "was changed by someone else at the same time");
      }
      return (patch.type === "json" ? jsonPatched(live, patch.body) : mergePatched(live, patch.body)) as KubeObject;
    });
  }

  async delete(ref: ObjectRef, options: DeleteOptions, signal: AbortSignal): Promise<Deleted> {
    if (this.#type(ref.apiVersion, ref.kind) === undefined) return "absent";
    const request = { verb: "delete", ref, dryRun: false, subresource: undefined } as const;
    return this.#writing<Deleted>(request, signal, () => {
      const key = this.#keyOf(ref);
      const live = this.store.get(key);
      if (live === undefined) return { answer: "absent", object: undefined };
      const { uid, resourceVersion } = live.metadata;
      if ((options.uid ?? uid) !== uid || (options.resourceVersion ?? resourceVersion) !== resourceVersion) {
        throw conflict(ref, "is another one by now");
      }
      if (finalizersOf(live) === 0) {
        this.store.write(key, ref.kind, undefined);
        return { answer: "deleted", object: undefined };
      }
      const deletionTimestamp = live.metadata.deletionTimestamp ?? new Date().toISOString();
      const going = this.store.write(key, ref.kind, { ...live, metadata: { ...live.metadata, deletionTimestamp } });
      return { answer: "terminating", object: going };
    });
  }

  stats(): never {
    throw new Error("a memory cluster counts no requests");
  }

  async close(): Promise<void> {
    this.#closing.abort(new Failure("Interrupted", { message: "the cluster was closed" }));
  }

  async #writing<Answer>(
    request: WriteRequest,
    signal: AbortSignal,
    write: () => { readonly answer: Answer; readonly object: KubeObject | undefined },
  ): Promise<Answer> {
    signal.throwIfAborted();
    await this.before(request);
    signal.throwIfAborted();
    const { answer, object } = write();
    this.after(request, object);
    return answer;
  }

  #change(
    {
      verb,
      ref,
      options,
    }: { readonly verb: "update" | "patch"; readonly ref: ObjectRef; readonly options: WriteOptions },
    signal: AbortSignal,
    changed: (live: KubeObject) => KubeObject,
  ): Promise<KubeObject> {
    const { dryRun = false, subresource, fieldManager = "mooring" } = options;
    return this.#writing({ verb, ref, dryRun, subresource }, signal, () => {
      const live = this.store.get(this.#keyOf(ref));
      if (live === undefined) throw new Failure("NotFound", { object: nameOf(ref), message: "does not exist" });
      const now = within(live, changed(live), subresource);
      const writer: Writer = { name: fieldManager, operation: "Update", subresource: subresource ?? "" };
      const kept = this.#keep(live, withManagers(now, afterUpdate(live, now, writer)), dryRun);
      return { answer: kept, object: kept };
    });
  }

  /** Keeps what became of an object; what changed nothing is not written. */
  #keep(live: KubeObject | undefined, now: KubeObject, dryRun: boolean): KubeObject {
    refuseImmutable(live, now);
    const counted = counting(live, now);
    if (live !== undefined && canonicalJson(live) === canonicalJson(counted)) return live;
    if (dryRun) return counted;
    const key = this.#keyOf(refOf(counted));
    const ends = counted.metadata.deletionTimestamp !== undefined && finalizersOf(counted) === 0;
    return this.store.write(key, counted.kind, ends ? undefined : counted);
  }

  #born(object: KubeObject): KubeObject {
    this.#uids += 1;
    const uid = `uid-${this.#uids}`;
    const creationTimestamp = new Date().toISOString();
    return { ...object, metadata: { ...object.metadata, uid, creationTimestamp } };
  }

  #requireNamespace({ apiVersion, kind, namespace = "" }: ObjectRef): void {
    if (this.#type(apiVersion, kind)?.namespaced !== true || this.store.get(`/Namespace//${namespace}`)) return;
    throw new Failure("NotFound", { message: `the namespace "${namespace}" does not exist` });
  }

  #type(apiVersion: string, kind: string): ResourceType | undefined {
    const version = apiVersion.split("/").at(-1);
    return this.#kinds.find(
      (each) => each.kind === kind && each.group === groupOf(apiVersion) && each.version === version,
    );
  }

  #keyOf(ref: ObjectRef): string {
    const type = this.#type(ref.apiVersion, ref.kind);
    if (type === undefined) throw new Failure("KindUnknown", { object: nameOf(ref), message: "is not served" });
    return `${type.group}/${type.kind}/${type.namespaced ? (ref.namespace ?? "") : ""}/${ref.name}`;
  }
}

/** Nothing of an object but what names it. */
function bare({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** A write goes to the status or to everything else; what names an object stays. */
function within(live: KubeObject, wanted: KubeObject, subresource: string | undefined): KubeObject {
  const { status } = wanted;
  if (subresource === "status") return { ...live, ...(status === undefined ? {} : { status }) };
  const { uid, creationTimestamp, generation, deletionTimestamp, managedFields, resourceVersion } = live.metadata;
  const fixed = { uid, creationTimestamp, generation, deletionTimestamp, managedFields, resourceVersion };
  const given = Object.entries(fixed).filter(([, value]) => value !== undefined);
  const metadata = { ...wanted.metadata, ...Object.fromEntries(given) };
  const kept = withStatus.has(live.kind) ? { status: live.status } : { status };
  return withoutUndefined({ ...wanted, ...kept, metadata }) as KubeObject;
}

/** The generation counts what changes beside metadata and status. */
function counting(live: KubeObject | undefined, now: KubeObject): KubeObject {
  if (!withStatus.has(now.kind)) return now;
  const specOf = ({ metadata: _, status: __, ...rest }: KubeObject) => canonicalJson(rest);
  const before = live?.metadata.generation ?? 0;
  const generation = live !== undefined && specOf(live) === specOf(now) ? before : before + 1;
  return { ...now, metadata: { ...now.metadata, generation } };
}

function refuseImmutable(live: KubeObject | undefined, now: KubeObject): void {
  if (live === undefined) return;
  const fixed = now.kind === "Deployment" ? [["spec", "selector"]] : live.immutable === true ? [["data"]] : [];
  for (const path of fixed) {
    if (canonicalJson(valueAt(live, ...path)) === canonicalJson(valueAt(now, ...path))) continue;
    const message = "the field is immutable";
    throw new Failure("FieldImmutable", { object: nameOf(refOf(now)), field: path.join("."), message });
  }
}

/** RFC 7386. */
function mergePatched(value: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const before: JsonObject = isObject(value) ? value : {};
  const entries = new Map(Object.entries(before));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null || change === undefined) entries.delete(name);
    else entries.set(name, mergePatched(entries.get(name), change));
  }
  return Object.fromEntries(entries);
}

/** RFC 6902, as far as members of objects go: test, add, replace and remove. */
function jsonPatched(value: KubeObject, operations: readonly JsonObject[]): Json {
  return operations.reduce<Json>((at, { op, path, value: change = null }) => {
    const tokens = String(path)
      .split("/")
      .slice(1)
      .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
    if (op !== "test") return mergePatched(at, nested(tokens, op === "remove" ? null : change));
    if (canonicalJson(valueAt(at, ...tokens)) === canonicalJson(change)) return at;
    throw new Failure("ObjectInvalid", { message: `the test of ${String(path)} failed` });
  }, value);
}

function nested(tokens: readonly string[], value: Json): Json {
  return tokens.reduceRight<Json>((inside, token) => ({ [token]: inside }), value);
}

function withoutUndefined(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

function finalizersOf({ metadata: { finalizers } }: KubeObject): number {
  return Array.isArray(finalizers) ? finalizers.length : 0;
}

function conflict(ref: ObjectRef, message: string): Failure {
  return new Failure("Conflict", { object: nameOf(ref), message });
}

function nameOf({ kind, namespace, name }: ObjectRef): string {
  return [kind, namespace, name].filter((part) => part !== undefined && part !== "").join("/");
}
