import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { canonicalJson } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { Remotes } from "../../model/remote.ts";
import { type PostRender, recordingTree, render, type Trace, toManifests } from "../../render/index.ts";
import {
  createVerifiedFiles,
  type DecryptingTree,
  decryptingTree,
  refuseUnverified,
  sopsKeys,
} from "../../seal/index.ts";
import { markSensitive } from "./mark-sensitive.ts";

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
  /** About how many characters the manifests have as JSON, where they were built for many: what it takes to keep them. */
  readonly size?: number;
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

/**
 * Builds a stage here and now. What generators and patches took from files that SOPS encrypted is in plain from here on;
 * objects that depend on it are marked, whatever their kind, so that it is never shown.
 */
export async function buildHere(tree: FileTree, { path, post, remotes, sops }: BuildRequest): Promise<Built> {
  const trace = new Map<string, string>();
  const recorded = recordingTree(tree, trace);
  const build = async (files: FileTree) =>
    toManifests(await render(files, path, { ...buildOptions, post, remotes })).map((each) => withVariables(each, post));
  if (sops === undefined) return { manifests: await build(recorded), trace };
  const verified = createVerifiedFiles();
  const readable = decryptingTree(recorded, sopsKeys(sops), verified);
  const manifests = await buildMarked(readable, build);
  await refuseUnverified(manifests, readable, verified);
  return { manifests, trace };
}

type Build = (files: FileTree) => Promise<readonly Manifest[]>;

/** Builds twice where anything was opened: what depends on encrypted values is what other values make different. */
async function buildMarked(tree: DecryptingTree, build: Build): Promise<readonly Manifest[]> {
  const manifests = await build(tree).catch(async (thrown: unknown) => {
    throw tree.hasOpened() ? await reportable(thrown, () => build(tree.redacted)) : thrown;
  });
  if (!tree.hasOpened()) return manifests;
  const redacted = await build(tree.redacted).catch((thrown: unknown) => {
    throw withheld(thrown);
  });
  return markSensitive(manifests, redacted);
}

/** What fails in the same way with other values says nothing of them. */
async function reportable(thrown: unknown, buildRedacted: () => Promise<unknown>): Promise<unknown> {
  if (!(thrown instanceof Failure)) return thrown;
  const other = await buildRedacted().then(
    () => undefined,
    (failed: unknown) => failed,
  );
  const isSame = other instanceof Failure && isDeepStrictEqual(other.problems, thrown.problems);
  if (isSame) return thrown;
  return new Failure(thrown.code, {
    message: "cannot be built with its encrypted values; the error is withheld, because it could quote them",
    hint: "build it where you have the keys: decrypt the files with `sops --decrypt`, and run `mooring build`",
  });
}

function withheld(thrown: unknown): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  return new Failure("SealInvalid", {
    message: "encrypted values decide how the build proceeds, so it is unknown which objects depend on them",
    hint: "an encrypted file can hold data, or a patch; write everything else that the build depends on in plain text",
  });
}
