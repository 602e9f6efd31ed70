import type { Environment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { Cluster, WatchedObjects } from "../../cluster/index.ts";
import { toFailure } from "../../model/failure.ts";
import { isObject, type Json, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { proofKey } from "../../promote/index.ts";
import { type Controller, createController, followWatch, type Gone } from "../kernel/controller.ts";
import { type Watched, watchKind } from "../watch-kind.ts";
import { type PromotionContext, type PromotionRunner, startPromotion } from "./runner.ts";

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
  /** What it showed is forgotten; those that promote from or to it are woken. */
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
  let controller: Controller<KubeObject, PromotionRunner> | undefined;
  /** What decides about a proposal, as every Environment showed it last. */
  const proofs = new Map<string, string>();
  let unsubscribe: readonly (() => void)[] = [];

  /** Those that promote from or to an Environment. */
  const wakeThose = (namespace: string, name: string): void => {
    for (const { metadata, spec } of cache.all()) {
      if (metadata.namespace === namespace && names(spec, name)) controller?.get(namespace, metadata.name)?.wake();
    }
  };

  return {
    all: () => cache.all().map(shown),
    run(context) {
      const started = createController<KubeObject, PromotionRunner>({
        start: (object) => startPromotion(context, object),
        gone: context.forget,
      });
      controller = started;
      unsubscribe = [
        followWatch(cache, started),
        cache.onRewind(() => {
          for (const runner of started.all()) resync(runner);
        }),
      ];
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
      for (const each of unsubscribe) each();
      await controller?.close();
      await cache.close();
    },
  };
}

/** The cluster was restored from a backup: the status is read again. */
function resync(runner: PromotionRunner): void {
  runner.useStatus(undefined);
  runner.wake();
}

function names(spec: Json | undefined, environment: string): boolean {
  return ["from", "to"].some((end) => stringAt(spec, end, "environmentRef", "name") === environment);
}

/** One whose spec does not make sense is one all the same: its status says what is wrong with it. */
function shown({ metadata, status }: KubeObject): ShownPromotion {
  const { name, namespace = "" } = metadata;
  return { metadata: { name, namespace }, status: isObject(status) ? status : {} };
}
