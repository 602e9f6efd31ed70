import { hostname } from "node:os";
import { type Cluster, createWatchHub } from "../cluster/index.ts";
import { toFailure } from "../model/failure.ts";
import { certificateBundle } from "../seal/index.ts";
import { logThrown, watchForBugs } from "./bugs.ts";
import { type Controllers, startControllers, type Watched } from "./controllers.ts";
import { openEnvironments } from "./environment/environments.ts";
import type { Fence } from "./fence.ts";
import { createMetrics, type Metrics } from "./http/metrics.ts";
import { type HttpServer, serveHttp } from "./http/server.ts";
import { webhookReceiver } from "./http/webhook/receiver.ts";
import { openSealingKeys } from "./keys/sealing-keys.ts";
import { lead, standardTiming } from "./lease.ts";
import type { Log } from "./log.ts";
import type { AgentOptions } from "./options.ts";
import { openPromotions } from "./promotion/promotions.ts";

/**
 * Runs the agent until the signal aborts or leadership is lost, and ends everything it started. Throws `Failure` when
 * it cannot start, or when the lease was lost (a restart competes for it again).
 */
export async function runAgent(cluster: Cluster, options: AgentOptions, log: Log, signal: AbortSignal): Promise<void> {
  await using closing = new AsyncDisposableStack();
  let controllers: Controllers | undefined;
  let metrics: Metrics | undefined;
  const bugs = watchForBugs(log, () => metrics?.bug());
  closing.defer(() => bugs.close());
  const watched = await openWatches(cluster, { options, log, closing }, signal);
  const { environments, promotions } = watched;
  metrics = createMetrics(
    {
      environments: () => environments.shown(),
      promotions: () => promotions.all(),
      requests: () => cluster.stats(),
      fetchedAt: (environment) => environments.fetchedAt(environment),
      open: () => controllers?.counts() ?? {},
    },
    log,
  );
  const server = await serve(cluster, { ...watched, metrics, options, log });
  closing.defer(() => server.close());
  log.info({ address: server.address, cluster: cluster.server }, "listening");

  const identity = `${hostname()}_${process.pid}_${Date.now().toString(36)}`;
  const lease = { namespace: options.namespace, name: "mooring-agent", identity, timing: standardTiming };
  const leadership = options.leaderElection ? await lead(cluster, lease, log, signal) : undefined;
  if (leadership !== undefined) closing.defer(() => leadership.release());
  log.info({ identity }, "leading");
  const fence = leadership ?? always;
  const started = startControllers({ ...watched, cluster, options, fence, identity, metrics, log }, signal);
  controllers = started;
  closing.defer(() => started.close());

  await aborted(AbortSignal.any([signal, fence.lost, bugs.storm]));
  for (const fatal of [fence.lost, bugs.storm]) if (fatal.aborted) throw toFailure(fatal.reason);
  log.info("stopping");
  controllers.closeSandbox();
}

/** Of an agent that competes with nobody. */
const always: Fence = { holds: () => true, lost: new AbortController().signal };

interface Opening {
  readonly options: AgentOptions;
  readonly log: Log;
  readonly closing: AsyncDisposableStack;
}

/** Opens what is watched; an agent that does not lead shows it all the same. */
async function openWatches(
  cluster: Cluster,
  { options, log, closing }: Opening,
  signal: AbortSignal,
): Promise<Watched> {
  const watches = createWatchHub(cluster);
  closing.defer(() => watches.close());
  const where = { watches, namespaces: options.watchNamespaces, log };
  const environments = await openEnvironments(cluster, where, signal);
  closing.defer(() => environments.close());
  const keys = await openSealingKeys(cluster, { watches, namespace: options.namespace, log }, signal);
  closing.defer(() => keys.close());
  const promotions = await openPromotions(cluster, where, signal);
  closing.defer(() => promotions.close());
  return { environments, keys, promotions };
}

interface ServeContext extends Watched {
  readonly metrics: Metrics;
  readonly options: AgentOptions;
  readonly log: Log;
}

function serve(cluster: Cluster, { environments, keys, metrics, options, log }: ServeContext): Promise<HttpServer> {
  return serveHttp(options.listen, {
    ready: () => environments.following(),
    metrics: () => metrics.text(),
    certificate: async () => {
      const [newest] = keys.ring.keys;
      return newest === undefined ? undefined : certificateBundle(newest);
    },
    hook: webhookReceiver(cluster, () => environments.all(), log),
    failed: (thrown, path) => logThrown(log, "a request could not be answered", thrown, { path }),
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
