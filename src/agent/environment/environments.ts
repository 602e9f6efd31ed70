import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import { reportBug } from "../../clock/index.ts";
import type { Cluster, WatchedObjects } from "../../cluster/index.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type Watched, watchKind } from "../watch-kind.ts";
import { isReady } from "./passes/dependencies.ts";
import { Runner } from "./runner.ts";
import type { RunnerContext } from "./runner-context.ts";

/** What an Environment shows of itself, whether its spec makes sense or not. */
export interface ShownEnvironment extends Pick<Environment, "status"> {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly suspended: boolean;
}

/** Follows the Environments of the cluster, with a runner for each. */
export interface Environments {
  find(namespace: string, name: string): Environment | undefined;
  /** Those whose spec makes sense. */
  all(): readonly Environment[];
  /** All of them. */
  shown(): readonly ShownEnvironment[];
  /** When the repository of an Environment was last asked with success; undefined while another agent leads. */
  fetchedAt(environment: ShownEnvironment): Date | undefined;
  /** Whether the watch follows the cluster. */
  following(): boolean;
  /** Starts the runners; until then Environments are only known. */
  run(context: Omit<RunnerContext, "find" | "peers">): void;
  /** Calls the listener with every Environment that came or changed from now on. */
  onChange(listener: (environment: Environment) => void): void;
  /** Calls the listener with every Environment that is gone from now on, readable or not. */
  onGone(listener: (gone: Gone) => void): void;
  /** Wakes every runner: something all of them depend on has changed. */
  wakeAll(): void;
  close(): Promise<void>;
}

/** An Environment that was deleted; another one of its name has another uid. */
export interface Gone {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Opens the watch. Throws `Failure` (KindUnknown) with what to do when the CRD is not installed. */
export async function openEnvironments(cluster: Cluster, where: Watched, signal: AbortSignal): Promise<Environments> {
  const resource = await cluster.resource(apiVersion, "Environment", signal);
  if (resource === undefined) {
    throw new Failure("KindUnknown", {
      message: "the cluster does not know the kind Environment",
      hint: "install the manifests first: mooring install",
    });
  }
  const cache = watchKind(resource, where);
  try {
    await cache.ready(signal);
  } catch (thrown) {
    await cache.close();
    throw thrown;
  }
  return new Following(cache);
}

class Following implements Environments {
  readonly #cache: WatchedObjects;
  readonly #runners = new Map<string, Runner>();
  /** An object is read once, however often it is asked for. */
  readonly #read = new WeakMap<KubeObject, Environment | Failure>();
  #context: RunnerContext | undefined;
  #stopWatching: () => void = () => undefined;
  #stopRewinding: () => void = () => undefined;
  readonly #stopTelling: (() => void)[] = [];

  constructor(cache: WatchedObjects) {
    this.#cache = cache;
  }

  find(namespace: string, name: string): Environment | undefined {
    const object = this.#cache.get({ namespace, name });
    return object === undefined ? undefined : this.#readable(object);
  }

  all(): readonly Environment[] {
    return this.#cache
      .all()
      .map((object) => this.#readable(object))
      .filter((environment) => environment !== undefined);
  }

  shown(): readonly ShownEnvironment[] {
    return [...this.#cache.all()].map(({ metadata, spec, status }) => ({
      metadata: { name: metadata.name, namespace: metadata.namespace ?? "" },
      status: isObject(status) ? status : {},
      suspended: isObject(spec) && spec.suspend === true,
    }));
  }

  fetchedAt({ metadata }: ShownEnvironment): Date | undefined {
    return this.#runners.get(`${metadata.namespace}/${metadata.name}`)?.fetchedAt;
  }

  following(): boolean {
    return this.#cache.failure() === undefined;
  }

  run(context: Omit<RunnerContext, "find" | "peers">): void {
    const peers = () => [...this.#runners.values()].map(({ peer }) => peer);
    this.#context = { ...context, find: (namespace, name) => this.find(namespace, name), peers };
    this.#stopWatching = this.#cache.onChange((change) => {
      if (change.type === "deleted") this.#remove(change.object).catch(reportBug);
      else this.#put(change.object);
      if (change.type !== "deleted") this.#wakeDependents(change.object);
    });
    this.#stopRewinding = this.#cache.onRewind(() => {
      for (const runner of this.#runners.values()) runner.rewound();
    });
    for (const object of this.#cache.all()) this.#put(object);
  }

  onChange(listener: (environment: Environment) => void): void {
    const told = this.#cache.onChange(({ type, object }) => {
      const environment = type === "deleted" ? undefined : this.#readable(object);
      if (environment !== undefined) listener(environment);
    });
    this.#stopTelling.push(told);
  }

  onGone(listener: (gone: Gone) => void): void {
    const told = this.#cache.onChange(({ type, object }) => {
      const { namespace = "", name, uid = "" } = object.metadata;
      if (type === "deleted") listener({ namespace, name, uid });
    });
    this.#stopTelling.push(told);
  }

  wakeAll(): void {
    for (const runner of this.#runners.values()) runner.wake();
  }

  async close(): Promise<void> {
    this.#stopWatching();
    this.#stopRewinding();
    for (const stop of this.#stopTelling.splice(0)) stop();
    await Promise.all([...this.#runners.values()].map((runner) => runner.close()));
    this.#runners.clear();
    await this.#cache.close();
  }

  /** An Environment that was deleted and created again under its name is another one. */
  #put(object: KubeObject): void {
    if (this.#context === undefined) return;
    const key = keyOf(object);
    const runner = this.#runners.get(key);
    if (runner !== undefined && runner.uid === object.metadata.uid) {
      runner.update(object);
      return;
    }
    runner?.close().catch(reportBug);
    this.#runners.set(key, new Runner(this.#context, object));
  }

  async #remove(object: KubeObject): Promise<void> {
    const key = keyOf(object);
    const runner = this.#runners.get(key);
    this.#runners.delete(key);
    await runner?.close();
    const { namespace = "", name } = object.metadata;
    if (!this.#runners.has(key)) this.#context?.forget({ namespace, name });
  }

  /** Who waits for this Environment is woken when it is ready. */
  #wakeDependents(object: KubeObject): void {
    const environment = this.#readable(object);
    if (environment === undefined || !isReady(environment)) return;
    const { name, namespace } = environment.metadata;
    for (const other of this.#cache.all()) {
      if (other.metadata.namespace !== namespace || !dependsOn(other, name)) continue;
      const dependent = this.#readable(other);
      if (dependent !== undefined && !isReady(dependent)) this.#runners.get(keyOf(other))?.wake();
    }
  }

  #readable(object: KubeObject): Environment | undefined {
    const read = this.#read.get(object) ?? attempt(object);
    this.#read.set(object, read);
    return read instanceof Failure ? undefined : read;
  }
}

/** Without reading the whole Environment: this is asked of all of them whenever one becomes ready. */
function dependsOn(object: KubeObject, name: string): boolean {
  return listAt(object, "spec", "dependsOn").some((each) => stringAt(each, "name") === name);
}

function attempt(object: KubeObject): Environment | Failure {
  try {
    return readEnvironment(object);
  } catch (thrown) {
    return toFailure(thrown);
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
