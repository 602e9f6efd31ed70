import type { Environment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { Cluster, WatchedObjects } from "../../cluster/index.ts";
import { toFailure } from "../../model/failure.ts";
import { isObject, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { proofKey } from "../../promote/index.ts";
import type { Gone } from "../environment/environments.ts";
import { type Watched, watchKind } from "../watch-kind.ts";
import { type PromotionContext, PromotionRunner } from "./runner.ts";

/** What a Promotion shows of itself. */
export type ShownPromotion = Pick<Promotion, "metadata" | "status">;

/** Follows the Promotions of the cluster, with a runner for each. */
export interface Promotions {
  /** All of them, also those whose spec does not make sense. */
  all(): readonly ShownPromotion[];
  /** Starts the runners; until then Promotions are only known. */
  run(context: PromotionContext): void;
  /** Wakes those that promote from or to an Environment, where the change matters to them. */
  environmentChanged(environment: Environment): void;
  /** What it showed is forgotten; those that promote from or to it look again. */
  environmentGone(gone: Gone): void;
  close(): Promise<void>;
}

/**
 * Opens the watch. A cluster that does not know the kind, or lets nobody see it, has no Promotions: its manifests are older
 * than the agent, and rollouts must go on.
 */
export async function openPromotions(cluster: Cluster, where: Watched, signal: AbortSignal): Promise<Promotions> {
  const resource = await cluster.resource(apiVersion, "Promotion", signal);
  if (resource === undefined) {
    where.log.warn(
      "no Promotions: the cluster does not know the kind; apply the manifests of this version, and restart",
    );
    return none;
  }
  const cache = watchKind(resource, where);
  try {
    await cache.ready(signal);
  } catch (thrown) {
    await cache.close();
    signal.throwIfAborted();
    const { code, problems } = toFailure(thrown);
    where.log.warn(
      { code, problems },
      "no Promotions: they cannot be read; apply the manifests of this version, and restart",
    );
    return none;
  }
  return following(cache);
}

const none: Promotions = {
  all: () => [],
  run: () => undefined,
  environmentChanged: () => undefined,
  environmentGone: () => undefined,
  close: async () => undefined,
};

function following(cache: WatchedObjects): Promotions {
  const runners = new Map<string, PromotionRunner>();
  /** What every Environment showed last. */
  const proofs = new Map<string, string>();
  let stopWatching = (): void => undefined;
  let stopRewinding = (): void => undefined;

  /** A Promotion that was deleted and created again under its name is another one. */
  const put = (context: PromotionContext, object: KubeObject): void => {
    const key = keyOf(object);
    const runner = runners.get(key);
    if (runner !== undefined && runner.uid === object.metadata.uid) {
      runner.update(object);
      return;
    }
    void runner?.close();
    runners.set(key, new PromotionRunner(context, object));
  };

  const remove = (context: PromotionContext, object: KubeObject): void => {
    const { namespace = "", name } = object.metadata;
    const ended = runners.get(keyOf(object))?.close();
    runners.delete(keyOf(object));
    void ended?.then(() => context.forget({ namespace, name }));
  };

  /** Those that promote from or to an Environment. */
  const wakeThose = (namespace: string, name: string): void => {
    for (const object of cache.all()) {
      if (object.metadata.namespace === namespace && names(object, name)) runners.get(keyOf(object))?.wake();
    }
  };

  return {
    all: () => cache.all().map(shown),
    run(context) {
      stopWatching = cache.onChange(({ type, object }) =>
        type === "deleted" ? remove(context, object) : put(context, object),
      );
      stopRewinding = cache.onRewind(() => {
        for (const runner of runners.values()) runner.rewound();
      });
      for (const object of cache.all()) put(context, object);
    },
    environmentChanged(environment) {
      const { name, namespace } = environment.metadata;
      const [id, key] = [`${namespace}/${name}`, proofKey(environment)];
      if (proofs.get(id) === key) return;
      proofs.set(id, key);
      wakeThose(namespace, name);
    },
    environmentGone({ namespace, name }) {
      if (proofs.delete(`${namespace}/${name}`)) wakeThose(namespace, name);
    },
    async close() {
      stopWatching();
      stopRewinding();
      await Promise.all([...runners.values()].map((runner) => runner.close()));
      runners.clear();
      await cache.close();
    },
  };
}

function names(object: KubeObject, environment: string): boolean {
  return ["from", "to"].some((end) => stringAt(object, "spec", end, "environmentRef", "name") === environment);
}

/** One whose spec does not make sense is one all the same: its status says what is wrong with it. */
function shown({ metadata, status }: KubeObject): ShownPromotion {
  const { name, namespace = "" } = metadata;
  return { metadata: { name, namespace }, status: isObject(status) ? status : {} };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
