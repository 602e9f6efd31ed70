import type { ForgeSpec } from "../../api/forge.ts";
import type { Cluster } from "../../cluster/index.ts";
import { readSecret } from "../../environment/index.ts";
import { createForge, type Forge, forgeAccessFrom } from "../../promote/index.ts";
import { type Network, openRemote, type Remote } from "../../source/index.ts";

/** A forge, and the way to push to its repository. */
export interface OpenForge {
  readonly forge: Forge;
  readonly remote: Remote;
}

/** What names a forge: a Promotion, or an Environment that does. */
export interface NamesForge {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly forge: ForgeSpec };
}

/** The forge of one object, opened again when its spec or its token changed. */
export interface ForgeHolder {
  /** Throws `Failure`: ForgeDenied where the Secret is missing or has no token, SpecInvalid. */
  of(object: NamesForge, signal: AbortSignal): Promise<OpenForge>;
  close(): Promise<void>;
}

/** No forge opened yet. */
export function holdForge(
  cluster: Cluster,
  client: { readonly userAgent: string; readonly network: Network },
): ForgeHolder {
  let held: { readonly key: string; readonly opened: OpenForge } | undefined;

  const close = async (): Promise<void> => {
    const before = held?.opened;
    held = undefined;
    await Promise.all([before?.forge.close(), before?.remote.close()]);
  };

  return {
    async of({ metadata, spec }, signal) {
      const { secretRef, ...where } = spec.forge;
      const reference = { namespace: metadata.namespace, name: secretRef.name };
      const access = forgeAccessFrom(await readSecret(cluster, reference, missing, signal));
      const key = JSON.stringify([where, access]);
      if (held?.key === key) return held.opened;
      await close();
      const forge = await createForge({ ...where, access, ...client });
      const remote = openRemote(forge.git.url, forge.git.credentials, client);
      held = { key, opened: { forge, remote } };
      return held.opened;
    },
    close,
  };
}

const missing = {
  code: "ForgeDenied",
  field: "spec.forge.secretRef",
  hint: "create it with the forge's token under the key token",
} as const;
