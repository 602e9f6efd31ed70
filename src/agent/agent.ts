import { hostname } from "node:os";
import type { Environment } from "../api/environment/environment.ts";
import { type Cluster, createWatchHub } from "../cluster/index.ts";
import { createVoucher } from "../environment/index.ts";
import { toFailure } from "../model/failure.ts";
import { type EnvironmentEvent, type EventSubject, writeEvent } from "../notify/index.ts";
import { createSandbox, sandboxedTemplates } from "../sandbox/index.ts";
import { certificateBundle, type RenewalPolicy } from "../seal/index.ts";
import { createSourcePool, diskRoom, type Network } from "../source/index.ts";
import { logThrown, watchForBugs } from "./bugs.ts";
import { createConnections } from "./environment/bindings/connections.ts";
import { createSources } from "./environment/bindings/sources.ts";
import { openEnvironments } from "./environment/environments.ts";
import type { NotableEvent } from "./environment/status/decision.ts";
import { type Fence, fenced } from "./fence.ts";
import { createFollowers } from "./forge/followers.ts";
import { holdForge } from "./forge/forges.ts";
import { createMetrics } from "./http/metrics.ts";
import { serveHttp } from "./http/server.ts";
import { webhookReceiver } from "./http/webhook/receiver.ts";
import { renewKeys } from "./keys/key-renewal.ts";
import { lead, standardTiming } from "./lease.ts";
import type { Log } from "./log.ts";
import { openPromotions } from "./promotion/promotions.ts";
import { openSealingKeys } from "./sealing-keys.ts";

/**
 * So much of repositories an agent keeps on disk, less than its volume has. A repository of the largest size that is taken is
 * there three times while it changes: as it was, as it is, and as it comes.
 */
export const fetchedBytesOfAgent: number = 3.5 * 1024 ** 3;

/** How an agent is run. */
export interface AgentOptions {
  /** Where its own objects are: lease, sealing keys. */
  readonly namespace: string;
  /** Only the Environments of these namespaces; all of them where there is none. */
  readonly watchNamespaces: readonly string[];
  /** `host:port` of the HTTP endpoints. */
  readonly listen: string;
  readonly leaderElection: boolean;
  /** Impersonated for Environments that name no service account. */
  readonly defaultServiceAccount: string | undefined;
  /** Whether Environments may refer to objects of other namespaces than their own. */
  readonly crossNamespaceRefs: boolean;
  /** When sealing keys are renewed. */
  readonly keyRenewal: RenewalPolicy;
  /** What it calls its cluster in commit statuses; they do without where it is absent. */
  readonly clusterName: string | undefined;
  /** Whether kustomizations may take anything from elsewhere. */
  readonly remoteBases: boolean;
  /** What may be reached, of what Environments, Promotions and repositories name. */
  readonly network: Network;
  readonly userAgent: string;
}

/**
 * Runs the agent until the signal aborts or leadership is lost, and ends everything it started. Throws `Failure` when
 * it cannot start, or when the lease was lost (a restart competes for it again).
 */
export async function runAgent(cluster: Cluster, options: AgentOptions, log: Log, signal: AbortSignal): Promise<void> {
  await using closing = new AsyncDisposableStack();
  let countBug = (): void => undefined;
  const bugs = watchForBugs(log, () => countBug());
  closing.defer(() => bugs.close());
  const watches = createWatchHub(cluster);
  closing.defer(() => watches.close());
  const watched = { watches, namespaces: options.watchNamespaces, log };
  const environments = await openEnvironments(cluster, watched, signal);
  closing.defer(() => environments.close());
  const keys = await openSealingKeys(cluster, { watches, namespace: options.namespace, log }, signal);
  closing.defer(() => keys.close());
  const promotions = await openPromotions(cluster, watched, signal);
  closing.defer(() => promotions.close());
  const metrics = createMetrics(
    {
      environments: () => environments.shown(),
      promotions: () => promotions.all(),
      requests: () => cluster.stats(),
      fetchedAt: (environment) => environments.fetchedAt(environment),
      open: () => open(),
    },
    log,
  );
  let open = (): Readonly<Record<string, number>> => ({});
  countBug = metrics.bug;
  const server = await serveHttp(options.listen, {
    ready: () => environments.following(),
    metrics: () => metrics.text(),
    certificate: async () => {
      const [newest] = keys.ring.keys;
      return newest === undefined ? undefined : certificateBundle(newest);
    },
    hook: webhookReceiver(cluster, () => environments.all(), log),
    failed: (thrown, path) => logThrown(log, "a request could not be answered", thrown, { path }),
  });
  closing.defer(() => server.close());
  log.info({ address: server.address, cluster: cluster.server }, "listening");

  const identity = `${hostname()}_${process.pid}_${Date.now().toString(36)}`;
  const { namespace } = options;
  const lease = { namespace, name: "mooring-agent", identity, timing: standardTiming };
  const leadership = options.leaderElection ? await lead(cluster, lease, log, signal) : undefined;
  if (leadership !== undefined) closing.defer(() => leadership.release());
  log.info({ identity }, "leading");
  const fence = leadership ?? always;
  const led = fenced(cluster, fence);

  const renewal = new AbortController();
  const renewed = renewKeys(led, keys, { namespace, policy: options.keyRenewal, log }, renewal.signal);
  closing.defer(async () => {
    renewal.abort();
    await renewed;
  });
  const { userAgent, remoteBases, network, defaultServiceAccount } = options;
  const connections = createConnections(led, { defaultServiceAccount, network }, (remote) => fenced(remote, fence));
  closing.defer(() => connections.close());
  const pool = createSourcePool({ userAgent, network, room: diskRoom(fetchedBytesOfAgent) });
  const sandbox = createSandbox();
  closing.defer(() => sandbox.close());
  const sources = createSources(pool, { userAgent, remoteBases, network });
  closing.defer(() => sources.close());
  const happen = (environment: Environment, event: NotableEvent) => {
    tell(led, { kind: "Environment", metadata: environment.metadata, reporter: identity, log }, event, signal);
  };
  const { crossNamespaceRefs } = options;
  environments.run({
    cluster: led,
    connections,
    sources,
    keys,
    sandbox,
    crossNamespaceRefs,
    log,
    happen,
    measure: metrics.pass,
    forget: metrics.gone,
    abandoned: metrics.abandoned,
  });
  keys.onChange(() => environments.wakeAll());
  promotions.run({
    ...{ cluster: led, pool, log, sandbox, remoteBases, userAgent, network },
    opening: {
      unseal: (manifests, owner, ended) => keys.unseal(manifests, sandboxedTemplates(sandbox, owner, ended)),
      vouchFor: async (environment, ends) => createVoucher(await connections.standOf(environment, ends)),
    },
    find: (where, name) => environments.find(where, name),
    happen: ({ metadata }, event) => tell(led, { kind: "Promotion", metadata, reporter: identity, log }, event, signal),
    measure: metrics.promotions.looked,
    forget: metrics.promotions.gone,
  });
  const followers = createFollowers({
    ...{ clusterName: options.clusterName, namespace, log },
    holdForge: () => holdForge(led, { userAgent, network }),
    happen: ({ metadata }, message) => {
      const event = { type: "Normal", reason: "RevertProposed", message } as const;
      tell(led, { kind: "Environment", metadata, reporter: identity, log }, event, signal);
    },
  });
  for (const environment of environments.all()) followers.environmentChanged(environment);
  environments.onChange((environment) => {
    promotions.environmentChanged(environment);
    followers.environmentChanged(environment);
  });
  environments.onGone((gone) => {
    promotions.environmentGone(gone);
    followers.environmentGone(gone);
  });
  open = () => ({ ...connections.counts(), ...sources.counts(), followers: followers.size });
  // The runners are stopped first: nothing may be written once the lease is given back.
  closing.defer(() => followers.close());
  closing.defer(() => promotions.close());
  closing.defer(() => environments.close());

  await aborted(AbortSignal.any([signal, fence.lost, bugs.storm]));
  for (const fatal of [fence.lost, bugs.storm]) if (fatal.aborted) throw toFailure(fatal.reason);
  log.info("stopping");
  // No pass waits for what a tenant keeps a worker busy with.
  sandbox.close();
}

/** Of an agent that competes with nobody. */
const always: Fence = { holds: () => true, lost: new AbortController().signal };

/** Logs what happened and writes the Event, where it is worth one; a lost Event is only logged. */
function tell(
  cluster: Cluster,
  { log, ...subject }: Required<EventSubject> & { readonly log: Log },
  event: EnvironmentEvent & Pick<NotableEvent, "logOnly">,
  signal: AbortSignal,
): void {
  const { kind, metadata } = subject;
  const fields = { [kind.toLowerCase()]: `${metadata.namespace}/${metadata.name}`, reason: event.reason };
  if (event.type === "Warning") log.warn(fields, event.message);
  else log.info(fields, event.message);
  if (event.logOnly === true) return;
  writeEvent(cluster, subject, event, signal).catch((thrown: unknown) => {
    if (!signal.aborted) log.warn({ ...fields, code: toFailure(thrown).code }, "an event could not be written");
  });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
