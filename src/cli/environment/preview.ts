import { basename } from "node:path";
import { type Environment, readEnvironment, stagesOf } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import { type Cluster, createWatchHub } from "../../cluster/index.ts";
import { applyTarget, atPin, clusterVariables, desiredStages, openingOf, readSource } from "../../environment/index.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { plainPath } from "../../model/path.ts";
import type { Plan } from "../../model/plan.ts";
import { formatRevision } from "../../model/revision.ts";
import {
  createEvidenceView,
  createStageRenderer,
  findStageRemotes,
  type LiveView,
  noOwnershipPeers,
  policyOf,
  prepare,
  type Unseal,
  unlimitedSlot,
} from "../../rollout/index.ts";
import { vouchAsKeyHolder } from "../../seal/index.ts";
import { createSourcePool, type Gathered, ignoredTree } from "../../source/index.ts";
import type { Checkout } from "../repository/checkout.ts";
import { type RemoteAccess, type RemoteReach, reachRemotes } from "../repository/remotes.ts";
import { programVersion } from "../version.ts";
import { findEnvironment, listKind } from "./environments.ts";

/** What a preview works with, whatever it previews. */
export interface PreviewContext {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly unseal: Unseal;
  readonly remotes: RemoteAccess;
  readonly signal: AbortSignal;
}

/** What an Environment would do, and at which content. */
export interface Preview {
  readonly environment: Environment;
  /** The revision in the repository, or `working tree`. */
  readonly revision: string;
  readonly plan: Plan;
}

/** What the newest revision of an Environment's repository would do. Throws the failures of every stage up to the plan. */
export async function previewEnvironment(context: PreviewContext, name: string): Promise<Preview> {
  const { cluster, signal } = context;
  const environment = atPin(await named(context, name));
  const { spec, credentials } = await readSource(cluster, environment, signal);
  const pool = createSourcePool({ userAgent: `mooring/${programVersion}`, network: context.remotes.network });
  try {
    const { tree, revision } = await pool.fetch(spec, credentials, signal);
    await using reach = reachRemotes(context.remotes, { url: spec.url, credentials }, pool);
    const gathered = await gatherStages(reach, tree, environment, signal);
    const shown = formatRevision({ ...revision, bases: gathered.bases });
    return { environment, revision: shown, plan: await planOf(context, environment, gathered) };
  } finally {
    await pool.close();
  }
}

/**
 * What a folder of a checkout would do if it were pushed: for the named Environment, or the one that follows the folder,
 * or else a new one. Throws `Failure` (UsageInvalid) where several follow it.
 */
export async function previewFolder(
  context: PreviewContext,
  checkout: Checkout,
  name: string | undefined,
): Promise<Preview> {
  const found = name === undefined ? await follower(context, checkout.path) : await named(context, name);
  const environment = found ?? newEnvironment(context.namespace, checkout);
  const { stages, ...spec } = environment.spec;
  const moved = stages === undefined ? { ...environment, spec: { ...spec, path: checkout.path } } : environment;
  const tree = await ignoredTree(checkout.tree, spec.source.ignore ?? "");
  await using reach = reachRemotes(context.remotes, await homeOf(context, found, tree));
  const gathered = await gatherStages(reach, tree, moved, context.signal);
  return { environment, revision: "working tree", plan: await planOf(context, moved, gathered) };
}

function gatherStages(reach: RemoteReach, tree: FileTree, { spec }: Environment, signal: AbortSignal) {
  return reach.gather(tree, (files, remotes) => findStageRemotes(files, spec, remotes), signal);
}

/** What an Environment's repository is reached with, where something else has to be fetched: reading Secrets takes rights. */
async function homeOf({ cluster, signal }: PreviewContext, found: Environment | undefined, tree: FileTree) {
  if (found === undefined || (await findStageRemotes(tree, found.spec, new Map())).length === 0) return undefined;
  const { spec, credentials } = await readSource(cluster, found, signal);
  return { url: spec.url, credentials };
}

/** In the order of the agent's pass, so that of several things that are wrong the same is said. */
async function planOf(context: PreviewContext, environment: Environment, gathered: Gathered): Promise<Plan> {
  const { cluster, signal } = context;
  const watches = createWatchHub(cluster);
  try {
    const target = applyTarget(environment, {
      home: cluster,
      cluster,
      watches,
      view: unwatched,
      evidence: createEvidenceView(watches),
      vouch: async (manifests) => vouchAsKeyHolder(manifests),
      ownershipPeers: noOwnershipPeers,
      slot: unlimitedSlot,
    });
    const { unseal, sops } = await openingOf(cluster, environment, { unsealSealed: context.unseal }, signal);
    const tools = { render: createStageRenderer(), variables: clusterVariables(cluster), sops };
    const stages = await desiredStages(environment, gathered, tools, signal);
    const inventory = environment.status.inventory ?? { entries: [] };
    const { plan } = await prepare(target, { stages, inventory, policy: policyOf(environment), unseal }, signal);
    return plan;
  } finally {
    await watches.close();
  }
}

/** Every object is looked at once, so that nothing needs to be watched, which who asks may not be allowed to. */
const unwatched: LiveView = {
  track: async () => undefined,
  retain: () => undefined,
  get: () => undefined,
  failure: () => undefined,
  renew: () => undefined,
  onChange: () => () => undefined,
  onRewind: () => () => undefined,
  closed: new AbortController().signal,
  close: async () => undefined,
};

function named({ cluster, namespace, signal }: PreviewContext, name: string): Promise<Environment> {
  return findEnvironment(cluster, { namespace, name }, signal);
}

async function follower(
  { cluster, namespace, signal }: PreviewContext,
  path: string,
): Promise<Environment | undefined> {
  if ((await cluster.resource(apiVersion, "Environment", signal)) === undefined) return undefined;
  const all = (await listKind(cluster, "Environment", namespace, signal)).map(readEnvironment);
  const followers = all.filter(({ spec }) => stagesOf(spec).some((stage) => plainPath(stage.path) === path));
  if (followers.length > 1) {
    const names = followers.map(({ metadata }) => metadata.name).join(", ");
    const hint = "choose one with --environment";
    throw new Failure("UsageInvalid", { message: `several Environments follow ${path}: ${names}`, hint });
  }
  return followers[0];
}

/** An Environment that does not exist yet, with every default. Its URL is never asked. */
export function newEnvironment(namespace: string, { root, path }: Pick<Checkout, "root" | "path">): Environment {
  const name = basename(path || root).replaceAll(/[^\w.-]/g, "-");
  const spec = { source: { url: "https://new.invalid/" }, path };
  return readEnvironment({ metadata: { name, namespace }, spec });
}
