import { createHash } from "node:crypto";
import { milliseconds } from "../api/duration.ts";
import { stagesOf } from "../api/environment.ts";
import type { EnvironmentSpec } from "../api/environment-spec.ts";
import { Failure, type Problem } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Manifest } from "../model/manifest.ts";
import { describeId, formatId } from "../model/object-id.ts";
import { type RemoteReference, type Remotes, remoteKey } from "../model/remote.ts";
import { type Owner, storedForm, withOwner } from "../plan/index.ts";
import { createRenderCache, findRemotes, type PostRender, type Rendered, toManifests } from "../render/index.ts";

/** What one stage should be. Sealed: as rendered, the form that is digested and kept in snapshots. */
export interface DesiredStage {
  readonly name: string;
  readonly timeoutMs: number;
  readonly manifests: readonly Manifest[];
}

/** Variables for `postBuild`, already read from the cluster. */
export type Variables = Readonly<Record<string, string>>;

/** Turns sealed manifests into plain ones; `seal` gives it, with its keys inside. */
export type Unseal = (manifests: readonly Manifest[]) => Promise<readonly Manifest[]>;

/**
 * Renders every stage of an environment, with what was fetched for it from elsewhere. Throws the failures of `render`, and
 * DuplicateObject when two stages hold the same object.
 */
export type RenderStages = (
  tree: FileTree,
  spec: EnvironmentSpec,
  variables: Variables,
  remotes?: Remotes,
) => Promise<readonly DesiredStage[]>;

const renderOptions = { plainFolders: true, loadRestrictor: "none" } as const;

/** A spec may have so many stages; each has a build to remember. */
const mostStages = 50;

/**
 * Makes a renderer for one environment. It remembers the last build of each stage: a commit that touches nothing a stage
 * was built from costs next to nothing. As with Flux, a kustomization may read anything in the repository.
 */
export function createStageRenderer(): RenderStages {
  const builds = createRenderCache(mostStages);
  const known = new WeakMap<Rendered, readonly Manifest[]>();
  const manifestsOf = (rendered: Rendered): readonly Manifest[] => {
    const manifests = known.get(rendered) ?? toManifests(rendered);
    known.set(rendered, manifests);
    return manifests;
  };
  return async (tree, spec, variables, remotes = new Map()) => {
    const options = { ...renderOptions, post: postRender(spec, variables), remotes };
    const stages: DesiredStage[] = [];
    for (const { name, path, timeout } of stagesOf(spec)) {
      const rendered = await builds.render(tree, normalisePath(path), options);
      stages.push({ name, timeoutMs: milliseconds(timeout), manifests: manifestsOf(rendered) });
    }
    refuseDuplicates(stages);
    return stages;
  };
}

/** What an environment's stages take from elsewhere, by what stands in `remotes` already; see `findRemotes`. */
export async function findStageRemotes(
  tree: FileTree,
  spec: EnvironmentSpec,
  remotes: Remotes,
): Promise<readonly RemoteReference[]> {
  const found = new Map<string, RemoteReference>();
  for (const { path } of stagesOf(spec)) {
    const options = { ...renderOptions, post: postRender(spec, {}), remotes };
    for (const reference of await findRemotes(tree, normalisePath(path), options))
      found.set(remoteKey(reference), reference);
  }
  return [...found.values()];
}

/** The same stages with secrets unsealed and the owner's labels on every object: what is compared and applied. */
export async function openStages(
  stages: readonly DesiredStage[],
  unseal: Unseal,
  owner: Owner,
): Promise<readonly DesiredStage[]> {
  const opened = await unseal(stages.flatMap((stage) => stage.manifests));
  let next = 0;
  return stages.map((stage) => {
    const manifests = opened.slice(next, next + stage.manifests.length);
    next += stage.manifests.length;
    return { ...stage, manifests: manifests.map(stored).map((manifest) => withOwner(manifest, owner)) };
  });
}

const stored = (manifest: Manifest): Manifest => ({ ...manifest, object: storedForm(manifest.object) });

/**
 * SHA-256 (hex) over what the stages hold, as rendered. Equal digests mean that rolling out one after the other would
 * change nothing: a commit that touches other folders does not start a rollout.
 */
export function contentDigest(stages: readonly DesiredStage[]): string {
  const hash = createHash("sha256");
  for (const stage of stages) {
    hash.update(`stage ${stage.name}\n`);
    for (const { id, digest } of stage.manifests) hash.update(`${formatId(id)} ${digest}\n`);
  }
  return hash.digest("hex");
}

/** `./a//b/` as a tree names it: `a/b`. */
function normalisePath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

function postRender(spec: EnvironmentSpec, variables: Variables): PostRender {
  const { targetNamespace, namePrefix, nameSuffix, commonMetadata, patches, images, components, postBuild } = spec;
  return {
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(nameSuffix === undefined ? {} : { nameSuffix }),
    ...(commonMetadata === undefined ? {} : { commonMetadata }),
    ...(patches === undefined ? {} : { patches }),
    ...(images === undefined ? {} : { images }),
    ...(components === undefined ? {} : { components }),
    ...(postBuild === undefined ? {} : { substitute: { variables, strict: true } }),
  };
}

function refuseDuplicates(stages: readonly DesiredStage[]): void {
  const seen = new Map<string, Manifest>();
  const problems: Problem[] = [];
  for (const manifest of stages.flatMap((stage) => stage.manifests)) {
    const key = formatId(manifest.id);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, manifest);
    else {
      problems.push({
        file: manifest.origin.file,
        object: describeId(manifest.id),
        message: `is there twice: also in ${first.origin.file}`,
      });
    }
  }
  if (problems.length > 0) throw new Failure("DuplicateObject", problems);
}
