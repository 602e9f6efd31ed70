import { createHash } from "node:crypto";
import type { FileTree } from "../model/file-tree.ts";
import { canonicalJson, isObject, type Json } from "../model/json.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Remotes } from "../model/remote.ts";
import { type PostRender, recordingTree, render, type Trace, toManifests } from "../render/index.ts";
import { createVerifiedFiles, decryptingTree, refuseUnverified, sopsKeys } from "../seal/index.ts";

/** The items of a Secret with keys for SOPS, as `sopsKeys` takes them. */
export type SopsItems = Readonly<Record<string, Uint8Array>>;

/** One stage to build: plain data, so that it can be built elsewhere. */
export interface BuildRequest {
  /** The folder, as a tree names it. */
  readonly path: string;
  readonly post: PostRender;
  readonly remotes: Remotes;
  /** Opens what generators and patches read. */
  readonly sops: SopsItems | undefined;
}

/** What a build came to, and what of the tree it looked at. */
export interface Built {
  readonly manifests: readonly Manifest[];
  readonly trace: Trace;
}

/** Builds a stage. Throws the failures of `render`, `toManifests` and, with keys, `decryptingTree` and `refuseUnverified`. */
export type BuildStage = (tree: FileTree, request: BuildRequest, signal?: AbortSignal) => Promise<Built>;

/** How stages are built: as with Flux, a kustomization may read anything in the repository. */
export const buildOptions = { plainFolders: true, loadRestrictor: "none" } as const;

/** With other variables, what is still to be put into encrypted values makes another object of it. */
function withVariables(manifest: Manifest, { substitute }: PostRender): Manifest {
  if (manifest.unsubstituted === undefined) return manifest;
  const hash = createHash("sha256").update(manifest.digest);
  return { ...manifest, digest: hash.update(canonicalJson({ ...substitute?.variables })).digest("hex") };
}

/** The texts of an object but for what names it. */
function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap((item: Json) => textsOf(item));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === "metadata" ? [] : textsOf(member)));
}

/**
 * Builds a stage here and now. What generators and patches took from files that SOPS encrypted is in plain from here on;
 * objects that hold any of it are marked, whatever their kind, so that it is never shown.
 */
export async function buildHere(tree: FileTree, { path, post, remotes, sops }: BuildRequest): Promise<Built> {
  const trace = new Map<string, string>();
  const recorded = recordingTree(tree, trace);
  const verified = createVerifiedFiles();
  const readable = sops === undefined ? recorded : decryptingTree(recorded, sopsKeys(sops), verified);
  const manifests = toManifests(await render(readable, path, { ...buildOptions, post, remotes }));
  if (sops !== undefined) await refuseUnverified(manifests, readable, verified);
  const marked = manifests.map((manifest) => {
    const isRevealing = sops !== undefined && textsOf(manifest.object).some((text) => verified.reveals(text));
    return withVariables(isRevealing ? { ...manifest, sensitive: true } : manifest, post);
  });
  return { manifests: marked, trace };
}
