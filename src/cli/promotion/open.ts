import { overlayOf } from "../../agent/index.ts";
import { milliseconds } from "../../api/duration.ts";
import { promotionHead } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { parseRevision } from "../../model/revision.ts";
import { createRecall, type PromotionTask, type PromotionTools } from "../../promote/index.ts";
import { createSourcePool, openRemote } from "../../source/index.ts";
import type { Context } from "../command.ts";
import { openForge } from "../forge.ts";
import { type RemoteAccess, reachRemotes } from "../remotes.ts";
import { programVersion } from "../version.ts";
import type { Resolved } from "./resolve.ts";

/** A promotion, and all that it is made with. */
export interface OpenPromotion {
  readonly task: PromotionTask;
  readonly tools: PromotionTools;
  readonly close: () => Promise<void>;
}

/** Puts a promotion together that never merges. Files come with the forge's token, so that no Secret needs to be read. */
export async function openPromotion(
  { now, signal, remotes }: Pick<Context, "now" | "signal"> & { readonly remotes: RemoteAccess },
  cluster: Cluster,
  { promotion, from, target, forge: named, access }: Resolved,
): Promise<OpenPromotion> {
  const { metadata, spec, status } = promotion;
  const task = {
    id: `${metadata.namespace}/${metadata.name}`,
    head: promotionHead(metadata.name),
    branch: spec.to.branch,
    soakMs: milliseconds(spec.soak),
    autoMerge: false,
    from,
    overlay: await overlayOf(promotion, target, { cluster, opening: undefined, sandbox: undefined }, signal),
    remembered: parseRevision(status.proposedRevision ?? "")?.commit,
  };
  const userAgent = `mooring/${programVersion}`;
  const forge = await openForge(named, access);
  const { url, credentials } = forge.git;
  const pool = createSourcePool({ userAgent, network: remotes.network });
  const reach = reachRemotes(remotes, { url, credentials }, pool);
  const remote = openRemote(url, credentials, { userAgent });
  const { ignore } = (target ?? from).spec.source;
  const tools: PromotionTools = {
    forge,
    pushRef: remote.pushRef,
    files: async (commit, ends) => (await pool.fetch({ url, ignore, ref: { commit } }, credentials, ends)).tree,
    gather: reach.gather,
    now,
    recall: createRecall(),
    intend: async () => undefined,
    reconsider: async () => undefined,
  };
  const close = async () => {
    await reach[Symbol.asyncDispose]();
    await Promise.all([forge.close(), remote.close(), pool.close()]);
  };
  return { task, tools, close };
}
