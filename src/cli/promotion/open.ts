import { milliseconds } from "../../api/duration.ts";
import { promotionHead } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import { parseRevision } from "../../model/revision.ts";
import {
  createPromotionCache,
  type Opening,
  type Overlay,
  overlayOf,
  type PromotionTask,
  type PromotionTools,
} from "../../promote/index.ts";
import { type OpeningKeys, unsealManifests, vouchAsKeyHolder } from "../../seal/index.ts";
import { createSourcePool, openRemote } from "../../source/index.ts";
import type { Context } from "../command/command.ts";
import { openForge } from "../forge/forge.ts";
import { formatWarning } from "../print/failure.ts";
import { type RemoteAccess, reachRemotes } from "../repository/remotes.ts";
import { programVersion } from "../version.ts";
import type { Resolved } from "./resolve.ts";

/** A promotion, and all that it is made with. */
export interface OpenPromotion {
  readonly task: PromotionTask;
  readonly tools: PromotionTools;
  readonly close: () => Promise<void>;
}

/** What a promotion is put together with. */
export interface PromotionContext extends Pick<Context, "now" | "signal" | "stderr"> {
  readonly remotes: RemoteAccess;
  /** The keys for sealed secrets. */
  readonly keys: () => Promise<OpeningKeys>;
}

/**
 * Puts a promotion together that never merges. Files come with the forge's token. What is sealed and encrypted for the
 * target is opened as `mooring plan` does, so that the plan is the agent's; keys that whoever asks may not read are warned
 * about, and the pull request says what was not opened.
 */
export async function openPromotion(
  context: PromotionContext,
  cluster: Cluster,
  { promotion, from, target, forge: named, access }: Resolved,
): Promise<OpenPromotion> {
  const { now, remotes } = context;
  const { metadata, spec, status } = promotion;
  const task = {
    id: `${metadata.namespace}/${metadata.name}`,
    head: promotionHead(metadata),
    branch: spec.to.branch,
    soakMs: milliseconds(spec.soak),
    autoMerge: false,
    from,
    overlay: await openOverlay(context, cluster, { promotion, target }),
    lastProposed: parseRevision(status.proposedRevision ?? "")?.commit,
  };
  const userAgent = `mooring/${programVersion}`;
  const forge = await openForge(named, access);
  const { url, credentials } = forge.git;
  const pool = createSourcePool({ userAgent, network: remotes.network });
  const reach = reachRemotes(remotes, { url, credentials }, pool);
  const remote = openRemote(url, credentials, { userAgent });
  const { ignore } = (target ?? from).spec.source;
  const { recurseSubmodules } = from.spec.source;
  const tools: PromotionTools = {
    forge,
    pushRef: remote.pushRef,
    files: async (commit, ends) =>
      (await pool.fetch({ url, recurseSubmodules, ignore, ref: { commit } }, credentials, ends)).tree,
    gather: reach.gather,
    now,
    cache: createPromotionCache(),
    recordIntent: async () => undefined,
    recheck: async () => undefined,
  };
  const close = async () => {
    await reach[Symbol.asyncDispose]();
    await Promise.all([forge.close(), remote.close(), pool.close()]);
  };
  return { task, tools, close };
}

async function openOverlay(
  context: PromotionContext,
  cluster: Cluster,
  { promotion, target }: Pick<Resolved, "promotion" | "target">,
): Promise<Overlay | undefined> {
  const { keys, signal } = context;
  const overlay = (opening: Opening | undefined) =>
    overlayOf(promotion, target, { cluster, opening, sandbox: undefined }, signal);
  // What another cluster's keys open cannot be tried here, and the pull request says so.
  if (target === undefined || target.spec.kubeConfig !== undefined) return overlay(undefined);
  const atHand = await keys().catch(
    withoutKeys(context, "sealed values are not checked, and the pull request says so"),
  );
  const unseal: Opening["unseal"] =
    atHand === undefined ? undefined : (manifests) => unsealManifests(manifests, atHand);
  const vouchFor: Opening["vouchFor"] = async () => async (manifests) => vouchAsKeyHolder(manifests);
  const opened = await overlay({ vouchFor, unseal }).catch(
    withoutKeys(context, "nothing is decrypted, and the plan may differ from the agent's"),
  );
  return opened ?? overlay(undefined);
}

/** Whoever promotes need not be allowed to read Secrets. */
function withoutKeys({ stderr }: PromotionContext, instead: string) {
  return (thrown: unknown): undefined => {
    if (!(thrown instanceof Failure) || (thrown.code !== "Forbidden" && thrown.code !== "NotFound")) throw thrown;
    for (const problem of thrown.problems) {
      const message = `${problem.message}: ${instead}`;
      stderr.write(formatWarning({ ...problem, message }, stderr.style));
    }
    return undefined;
  };
}
