import { createHash } from "node:crypto";
import { createPace } from "../clock/index.ts";
import { isObject } from "../model/json/json.ts";
import type { Manifest } from "../model/manifest.ts";
import { concernsSops, decryptManifests, sopsKeys } from "../seal/index.ts";
import type { Owner } from "./lanes/fair-queue.ts";
import { asManifest } from "./rendering.ts";
import { type Sandbox, withoutFiles } from "./sandbox.ts";
import type { SopsItems } from "./stages/build.ts";
import { invalidMessage } from "./worker/protocol.ts";

/** Opens what SOPS encrypted in rendered objects, in order; as `decryptManifests`. */
export type Decrypt = (
  manifests: readonly Manifest[],
  sops: SopsItems | undefined,
  signal?: AbortSignal,
) => Promise<readonly Manifest[]>;

/** Opens it here and now. */
export const decryptHere: Decrypt = (manifests, sops) =>
  decryptManifests(manifests, sops === undefined ? undefined : sopsKeys(sops));

/**
 * Opens it in workers, which get the keys of the Environment with the task; throws as `Sandbox.run` does. What was opened is
 * remembered as long as the rendered object is, so that a pass in which nothing changes needs no worker.
 */
export function sandboxedDecrypt(sandbox: Sandbox, owner: Owner): Decrypt {
  const known = new WeakMap<Manifest, { readonly keys: string; readonly opened: Manifest }>();
  const plain = new WeakSet<Manifest>();
  return async (manifests, sops, signal) => {
    const keys = keysName(sops);
    const recall = (manifest: Manifest) => {
      const found = known.get(manifest);
      return found?.keys === keys ? found.opened : undefined;
    };
    const encrypted: Manifest[] = [];
    const pace = createPace();
    for (const manifest of manifests) {
      if (plain.has(manifest) || recall(manifest) !== undefined) continue;
      if (concernsSops(manifest)) encrypted.push(manifest);
      else plain.add(manifest);
      await pace();
    }
    if (encrypted.length > 0) {
      const parts = await sandbox.run(owner, { kind: "decrypt", manifests: encrypted, sops }, withoutFiles, signal);
      const opened = parts.flatMap(manifestsIn);
      if (opened.length !== encrypted.length) throw invalidMessage();
      for (const [index, manifest] of encrypted.entries()) {
        const its = opened[index];
        if (its !== undefined) known.set(manifest, { keys, opened: its });
      }
    }
    return manifests.map((manifest) => recall(manifest) ?? manifest);
  };
}

function manifestsIn(part: unknown): readonly Manifest[] {
  if (isObject(part) && Array.isArray(part.manifests)) return part.manifests.map(asManifest);
  throw invalidMessage();
}

function keysName(sops: SopsItems | undefined): string {
  const hash = createHash("sha256");
  for (const [name, bytes] of Object.entries(sops ?? {})) hash.update(`${name} ${bytes.length} `).update(bytes);
  return hash.digest("base64");
}
