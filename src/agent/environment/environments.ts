import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Cluster, WatchedObjects } from "../../cluster/index.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type Controller, createController, followWatch, type Gone } from "../kernel/controller.ts";
import { type Watched, watchKind } from "../watch-kind.ts";
import { isReady } from "./passes/dependencies.ts";
import { EnvironmentRunner } from "./runner.ts";
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
  /** When the repository of an Environment was last fetched with success; undefined while another agent leads. */
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
  /** An object is read once, however often it is used. */
  readonly #read = new WeakMap<KubeObject, Environment | Failure>();
  #controller: Controller<KubeObject, EnvironmentRunner> | undefined;
  /** Ends what listens to the watch. */
  readonly #unsubscribe: (() => void)[] = [];

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
    return this.#controller?.get(metadata.namespace, metadata.name)?.fetchedAt;
  }

  following(): boolean {
    return this.#cache.failure() === undefined;
  }

  run(context: Omit<RunnerContext, "find" | "peers">): void {
    const peers = () => controller.all().map(({ peer }) => peer);
    const whole: RunnerContext = { ...context, find: (namespace, name) => this.find(namespace, name), peers };
    const controller = createController<KubeObject, EnvironmentRunner>({
      start: (object) => new EnvironmentRunner(whole, object),
      gone: context.forget,
    });
    this.#controller = controller;
    this.#unsubscribe.push(
      followWatch(this.#cache, controller),
      this.#cache.onChange(({ type, object }) => {
        if (type !== "deleted") this.#wakeDependents(object);
      }),
      this.#cache.onRewind(() => {
        for (const runner of controller.all()) runner.rewound();
      }),
    );
  }

  onChange(listener: (environment: Environment) => void): void {
    const unsubscribe = this.#cache.onChange(({ type, object }) => {
      const environment = type === "deleted" ? undefined : this.#readable(object);
      if (environment !== undefined) listener(environment);
    });
    this.#unsubscribe.push(unsubscribe);
  }

  onGone(listener: (gone: Gone) => void): void {
    const unsubscribe = this.#cache.onChange(({ type, object }) => {
      const { namespace = "", name, uid = "" } = object.metadata;
      if (type === "deleted") listener({ namespace, name, uid });
    });
    this.#unsubscribe.push(unsubscribe);
  }

  wakeAll(): void {
    for (const runner of this.#controller?.all() ?? []) runner.wake();
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    await this.#controller?.close();
    await this.#cache.close();
  }

  /** Those that wait for this Environment are woken when it is ready. */
  #wakeDependents(object: KubeObject): void {
    const environment = this.#readable(object);
    if (environment === undefined || !isReady(environment)) return;
    const { name, namespace } = environment.metadata;
    for (const each of this.#cache.all()) {
      if (each.metadata.namespace !== namespace || !dependsOn(each, name)) continue;
      const dependent = this.#readable(each);
      if (dependent !== undefined && !isReady(dependent))
        this.#controller?.get(namespace, dependent.metadata.name)?.wake();
    }
  }

  #readable(object: KubeObject): Environment | undefined {
    const read = this.#read.get(object) ?? readOrFailure(object);
    this.#read.set(object, read);
    return read instanceof Failure ? undefined : read;
  }
}

/** Without reading the whole Environment: this is checked for all of them whenever one becomes ready. */
function dependsOn(object: KubeObject, name: string): boolean {
  return listAt(object, "spec", "dependsOn").some((each) => stringAt(each, "name") === name);
}

function readOrFailure(object: KubeObject): Environment | Failure {
  try {
    return readEnvironment(object);
  } catch (thrown) {
    return toFailure(thrown);
  }
}
