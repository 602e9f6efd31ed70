import { type Environment, readEnvironment } from "../../api/environment/environment.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { Cluster } from "../../cluster/index.ts";
import { maskedVariables, openingOf } from "../../environment/index.ts";
import type { Open, Unseal, Vouch } from "../../rollout/index.ts";
import {
  decryptHere,
  type Owner,
  type Rendering,
  renderingHere,
  type Sandbox,
  sandboxedDecrypt,
  sandboxedRendering,
} from "../../sandbox/index.ts";
import type { Overlay } from "./effect.ts";

/** Who may have something opened, and what opens it. */
export interface Opening {
  readonly vouchFor: (environment: Environment, signal: AbortSignal) => Promise<Vouch>;
  /**
   * Opens for the one named, whose templates are rendered on its account. Undefined where the keys for sealed secrets are
   * not at hand; what SOPS encrypted is opened all the same.
   */
  readonly unseal:
    | ((manifests: Parameters<Unseal>[0], owner: Owner, signal: AbortSignal) => ReturnType<Unseal>)
    | undefined;
}

/** What is at hand to tell the effect of a promotion on its target. */
export interface OverlayTools {
  readonly cluster: Cluster;
  /** The way to what is sealed and encrypted for an Environment of this cluster; undefined: nothing is opened. */
  readonly opening: Opening | undefined;
  /** Where files are worked with that a stranger may have written; undefined: here and now. */
  readonly sandbox: Sandbox | undefined;
}

/**
 * What follows the branch of a Promotion: the Environment it names, given as `target`, or a folder. Values of Secrets do
 * not get into it. Throws as `ReadVariables` and `openingOf` do.
 */
export async function overlayOf(
  { metadata, spec: { to, from } }: Pick<Promotion, "metadata" | "spec">,
  target: Environment | undefined,
  { cluster, opening, sandbox }: OverlayTools,
  signal: AbortSignal,
): Promise<Overlay | undefined> {
  const { namespace } = metadata;
  const owner = promotionOwner(metadata);
  const rendering = renderingOf(sandbox, owner);
  if (target !== undefined) {
    const variables = await maskedVariables(cluster)(target, signal);
    const isHere = target.spec.kubeConfig === undefined;
    const given = { name: target.metadata.name, environment: target, variables, rendering };
    if (opening === undefined || !isHere) return { ...given, open: undefined, sops: undefined };
    const decrypt = sandbox === undefined ? decryptHere : sandboxedDecrypt(sandbox, owner);
    const { unseal: unsealFor = untouched, vouchFor } = opening;
    const unsealSealed: Unseal = (manifests) => unsealFor(manifests, owner, signal);
    const { unseal, sops } = await openingOf(cluster, target, { unsealSealed, decrypt }, signal);
    return { ...given, open: opening.unseal === undefined ? undefined : openFor(target, vouchFor, unseal), sops };
  }
  if (to.path === undefined) return undefined;
  const spec = { source: { url: "https://unknown.invalid/" }, path: to.path };
  const environment = readEnvironment({ metadata: { name: `${from.environmentRef.name}-next`, namespace }, spec });
  return { name: to.path, environment, variables: {}, open: undefined, sops: undefined, rendering };
}

const untouched: Unseal = async (manifests) => manifests;

function openFor(environment: Environment, vouchFor: Opening["vouchFor"], unseal: Unseal): Open {
  return async (manifests, signal) => {
    const vouch = await vouchFor(environment, signal);
    return unseal(await vouch(manifests, signal));
  };
}

/** For whom what a Promotion reads is worked with: no Environment has such a name. */
function promotionOwner({ namespace, name }: Promotion["metadata"]): Owner {
  return { namespace, name: `promotion ${name}` };
}

/** How the files of a Promotion are worked with. */
export function promotionRendering(sandbox: Sandbox, metadata: Promotion["metadata"]): Rendering {
  return sandboxedRendering(sandbox, promotionOwner(metadata));
}

function renderingOf(sandbox: Sandbox | undefined, owner: Owner): Rendering {
  return sandbox === undefined ? renderingHere : sandboxedRendering(sandbox, owner);
}
