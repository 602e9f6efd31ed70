import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import { type Promotion, readPromotion } from "../../api/promotion/promotion.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { ForgeAccess } from "../../promote/index.ts";
import type { Context, FlagValues } from "../command/command.ts";
import { nearest } from "../command/suggest.ts";
import { findEnvironment, listKind } from "../environment/environments.ts";
import { forgeFlags, forgeOf, type NamedForge, noToken, tokenFrom, tokenOfCluster } from "../forge/forge.ts";

/** The flags that say what a promotion is where no Promotion in the cluster does. */
export const promotionFlags = {
  path: {
    type: "string",
    value: "DIR",
    summary: "Folder that the target renders, if TO is a branch that no Environment in this cluster follows",
  },
  soak: {
    type: "string",
    value: "DURATION",
    summary: "How long the revision must have been healthy; defaults to the Promotion's soak, or 0s",
  },
  ...forgeFlags,
} as const;

/** What the command line asks for. */
export interface Asked {
  readonly from: string;
  readonly to: string;
  readonly flags: FlagValues<typeof promotionFlags>;
}

/** A promotion that can be made from here. */
export interface Resolved {
  /** The Promotion of the cluster, or one that was put together and stands nowhere. */
  readonly promotion: Promotion;
  readonly from: Environment;
  readonly target: Environment | undefined;
  readonly forge: NamedForge;
  readonly access: ForgeAccess;
}

/**
 * Finds out what `mooring promote FROM TO` means. Throws `Failure`: NotFound for an Environment, UsageInvalid where the
 * forge, the token or the branch is not known, SpecInvalid for a soak that is no duration.
 */
export async function resolvePromotion(
  context: Pick<Context, "env" | "cwd" | "signal">,
  cluster: Cluster,
  namespace: string,
  { from: source, to, flags }: Asked,
): Promise<Resolved> {
  const { signal } = context;
  const from = await findEnvironment(cluster, { namespace, name: source }, signal);
  const target = await targetOf(cluster, namespace, { to, flags }, signal);
  const branch = target === undefined ? to : branchOf(target);
  const known = await findPromotion(cluster, namespace, { source, branch }, signal);
  const written = forgeOf(flags);
  const stored = known?.spec.forge ?? target?.spec.forge ?? from.spec.forge;
  const forge = written ?? stored;
  if (forge === undefined) {
    const hint = "use --forge and --repository, or create a Promotion";
    throw new Failure("UsageInvalid", { message: `no Promotion or Environment says which forge has ${branch}`, hint });
  }
  // A token of the cluster is for the forge that the cluster names, and for no other.
  const ofCluster = written === undefined ? stored : undefined;
  const access = (await tokenFrom(context, flags)) ?? (await tokenOfCluster(cluster, namespace, ofCluster, signal));
  if (access === undefined) throw noToken();
  const spec = {
    ...known?.spec,
    from: { environmentRef: { name: source } },
    to: { branch, ...(target === undefined && flags.path !== undefined ? { path: flags.path } : {}) },
    forge: { ...forge, secretRef: { name: "none" } },
    ...(flags.soak === undefined ? {} : { soak: flags.soak }),
  };
  const name = known?.metadata.name ?? `${source}-to-${branch.replaceAll(/[^\w.-]/g, "-")}`;
  const promotion = readPromotion({ metadata: { name, namespace }, spec, status: known?.status });
  return { promotion, from, target, forge, access };
}

/** The Environment that TO names; undefined where it is a branch. */
async function targetOf(
  cluster: Cluster,
  namespace: string,
  { to, flags }: Pick<Asked, "to" | "flags">,
  signal: AbortSignal,
): Promise<Environment | undefined> {
  const all = await listKind(cluster, "Environment", namespace, signal);
  const named = all.find(({ metadata }) => metadata.name === to);
  if (flags.path !== undefined) return undefined;
  if (named !== undefined) return readEnvironment(named);
  const names = all.map(({ metadata }) => metadata.name);
  const near = nearest(to, names);
  throw new Failure("NotFound", {
    message: `there is no Environment "${to}" in namespace ${namespace}`,
    hint:
      near === undefined
        ? "where it is a branch, name the folder that it renders with --path"
        : `did you mean ${near}?`,
  });
}

function branchOf({ metadata, spec }: Environment): string {
  const branch = spec.source.ref?.branch;
  if (branch !== undefined) return branch;
  throw new Failure("UsageInvalid", {
    object: `Environment/${metadata.namespace}/${metadata.name}`,
    field: "spec.source.ref",
    message: "does not follow a branch, so a pull request has no target",
  });
}

async function findPromotion(
  cluster: Cluster,
  namespace: string,
  { source, branch }: { readonly source: string; readonly branch: string },
  signal: AbortSignal,
): Promise<Promotion | undefined> {
  const all = (await listKind(cluster, "Promotion", namespace, signal)).map(readPromotion);
  return all.find(({ spec }) => spec.from.environmentRef.name === source && spec.to.branch === branch);
}

/** The agent's own token, for those who may read it. */
