import type { FileTree } from "../model/file-tree.ts";
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

/** Builds a stage here and now. */
export async function buildHere(tree: FileTree, { path, post, remotes, sops }: BuildRequest): Promise<Built> {
  const trace = new Map<string, string>();
  const recorded = recordingTree(tree, trace);
  const verified = createVerifiedFiles();
  const readable = sops === undefined ? recorded : decryptingTree(recorded, sopsKeys(sops), verified);
  const manifests = toManifests(await render(readable, path, { ...buildOptions, post, remotes }));
  if (sops !== undefined) await refuseUnverified(manifests, readable, verified);
  return { manifests, trace };
}
