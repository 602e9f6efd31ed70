import { milliseconds } from "../../api/duration.ts";
import { stagesOf } from "../../api/environment/environment.ts";
import type { EnvironmentSpec } from "../../api/environment/environment-spec.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Manifest } from "../../model/manifest.ts";
import { describeId, formatId } from "../../model/object-id.ts";
import { plainPath } from "../../model/path.ts";
import { type RemoteReference, type Remotes, remoteKey } from "../../model/remote.ts";
import { findRemotes, type PostRender, type Substitution } from "../../render/index.ts";
import { type BuildStage, buildHere, buildOptions, type SopsItems } from "./build.ts";
import { cachedBuilds, mostSize } from "./build-cache.ts";

/** What one stage should be. Sealed: as rendered, the form that is digested and kept in snapshots. */
export interface DesiredStage {
  readonly name: string;
  readonly timeoutMs: number;
  readonly manifests: readonly Manifest[];
  /** The variables that are put into what is still encrypted, as they were when it was rendered. */
  readonly substitute?: Substitution;
}

/** Variables for `postBuild`, already read from the cluster. */
export type Variables = Readonly<Record<string, string>>;

/** What stages are rendered with beside the spec. */
export interface StagesGiven {
  /** Where in the tree that is which was fetched from elsewhere. */
  readonly remotes?: Remotes | undefined;
  /** Keys for what SOPS encrypted. */
  readonly sops?: SopsItems | undefined;
  /** Gives the work up. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Renders every stage of an environment, with what was fetched for it from elsewhere, and with the keys that open what SOPS
 * encrypted. Throws the failures of `BuildStage`, and DuplicateObject when two stages hold the same object.
 */
export type RenderStages = (
  tree: FileTree,
  spec: EnvironmentSpec,
  variables: Variables,
  given?: StagesGiven,
) => Promise<readonly DesiredStage[]>;

/** A spec may have so many stages; each has a build to remember. */
const mostStages = 50;

/**
 * Makes a renderer for one environment, whose stages are built by `build`. It remembers the last build of each stage: a
 * commit that touches nothing a stage was built from costs next to nothing.
 */
export function createStageRenderer(build: BuildStage = buildHere): RenderStages {
  const builds = cachedBuilds(build, mostStages);
  return async (tree, spec, variables, { remotes = new Map(), sops, signal } = {}) => {
    const post = postRender(spec, variables);
    const stages: DesiredStage[] = [];
    let all = 0;
    for (const { name, path, timeout } of stagesOf(spec)) {
      const { manifests, size = 0 } = await builds(tree, { path: plainPath(path), post, remotes, sops }, signal);
      all += size;
      if (all > mostSize) throw tooLarge(name);
      const pending = manifests.some(({ unsubstituted }) => unsubstituted !== undefined) ? post.substitute : undefined;
      const stage = { name, timeoutMs: milliseconds(timeout), manifests };
      stages.push(pending === undefined ? stage : { ...stage, substitute: pending });
    }
    refuseDuplicates(stages);
    return stages;
  };
}

function tooLarge(stage: string): Failure {
  return new Failure("InputTooLarge", {
    field: "spec.stages",
    message: `with the stage ${stage}, all objects together exceed ${mostSize / 2 ** 20} MiB`,
    hint: "split the Environment into several",
  });
}

/** What an environment's stages take from elsewhere, by what stands in `remotes` already; see `findRemotes`. */
export type FindStageRemotes = (
  tree: FileTree,
  spec: EnvironmentSpec,
  remotes: Remotes,
  signal?: AbortSignal,
) => Promise<readonly RemoteReference[]>;

/** Looks for it here and now. */
export const findStageRemotes: FindStageRemotes = async (tree, spec, remotes) => {
  const found = new Map<string, RemoteReference>();
  for (const { path } of stagesOf(spec)) {
    const options = { ...buildOptions, post: postRender(spec, {}), remotes };
    for (const reference of await findRemotes(tree, plainPath(path), options))
      found.set(remoteKey(reference), reference);
  }
  return [...found.values()];
};

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
    ...(postBuild === undefined ? {} : { substitute: { variables, strict: postBuild.strict !== false } }),
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
        message: `is defined twice; also in ${first.origin.file}`,
      });
    }
  }
  if (problems.length > 0) throw new Failure("DuplicateObject", problems);
}
