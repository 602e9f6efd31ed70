import { milliseconds } from "../../api/duration.ts";
import type { Environment } from "../../api/environment/environment.ts";
import { promotionHead } from "../../api/names.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { PromotionStatus } from "../../api/promotion/promotion-status.ts";
import { parseRevision } from "../../model/revision.ts";
import {
  type Opening,
  overlayOf,
  type PromotionCache,
  type PromotionOutcome,
  type PromotionTask,
  type PromotionTools,
  promote,
  promotionRendering,
} from "../../promote/index.ts";
import type { Sandbox } from "../../sandbox/index.ts";
import type { FindEnvironment } from "../environment/passes/dependencies.ts";
import type { ForgeHolder } from "../forge/forges.ts";
import type { StatusWriter } from "../kernel/status-writer.ts";
import { type FilesContext, openFiles } from "./files.ts";
import { reconsider } from "./reconsider.ts";

/** What the passes over all Promotions share. */
export interface ReconcileContext extends Omit<FilesContext, "isResources"> {
  readonly opening: Opening;
  /** Where what tenants supply is worked with. */
  readonly sandbox: Sandbox;
  readonly find: FindEnvironment;
}

/** The same, with what is one Promotion's own. */
export interface OwnReconcileContext extends ReconcileContext {
  readonly forges: ForgeHolder;
  readonly cache: PromotionCache;
  readonly status: StatusWriter<PromotionStatus>;
}

/** Makes one pass over a Promotion, and does what is to be done. Throws as `promote` does, and as opening its forge. */
export async function reconcilePromotion(
  context: OwnReconcileContext,
  promotion: Promotion,
  signal: AbortSignal,
): Promise<PromotionOutcome> {
  const { metadata, spec } = promotion;
  const environment = (name: string) => context.find(metadata.namespace, name);
  const wanted = [spec.from.environmentRef, spec.to.environmentRef].flatMap((each) => each?.name ?? []);
  const missing = wanted.find((name) => environment(name) === undefined);
  const from = environment(spec.from.environmentRef.name);
  if (from === undefined || missing !== undefined) return isMissing(`${metadata.namespace}/${missing}`);
  const target = spec.to.environmentRef === undefined ? undefined : environment(spec.to.environmentRef.name);
  const task = await taskOf(context, { promotion, from, target }, signal);
  const { isResources } = promotionRendering(context.sandbox, metadata);
  const files = openFiles({ ...context, isResources }, { from, target });
  try {
    return await promote(task, { ...(await toolsOf(context, promotion, signal)), ...files }, signal);
  } finally {
    await files.close();
  }
}

interface Ends {
  readonly promotion: Promotion;
  readonly from: Environment;
  readonly target: Environment | undefined;
}

async function taskOf(
  context: OwnReconcileContext,
  { promotion, from, target }: Ends,
  signal: AbortSignal,
): Promise<PromotionTask> {
  const { metadata, spec } = promotion;
  return {
    id: `${metadata.namespace}/${metadata.name}`,
    head: promotionHead(metadata),
    branch: spec.to.branch,
    soakMs: milliseconds(spec.soak),
    autoMerge: spec.autoMerge,
    from,
    overlay: await overlayOf(promotion, target, context, signal),
    lastProposed: parseRevision(context.status.current.proposedRevision ?? "")?.commit,
  };
}

async function toolsOf(
  { cluster, forges, cache, status }: OwnReconcileContext,
  promotion: Promotion,
  signal: AbortSignal,
): Promise<Omit<PromotionTools, "files" | "gather">> {
  const { forge, remote } = await forges.of(promotion, signal);
  return {
    forge,
    pushRef: remote.pushRef,
    now: () => new Date(),
    cache,
    recordIntent: ({ evidence }, ends) => status.write({ fields: { proposedRevision: evidence.revision } }, ends),
    recheck: (ends) => reconsider(cluster, promotion, ends),
  };
}

function isMissing(name: string): PromotionOutcome {
  const nothing = { action: "none", request: undefined, evidence: undefined } as const;
  return { ...nothing, ready: "False", reason: "EnvironmentMissing", message: `there is no Environment ${name}` };
}
