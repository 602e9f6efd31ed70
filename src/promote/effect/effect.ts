import { type Environment, stagesOf } from "../../api/environment/environment.ts";
import { planTrees } from "../../environment/index.ts";
import { describeProblem, type Failure, failureClasses, toFailure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Manifest } from "../../model/manifest.ts";
import { plainPath } from "../../model/path.ts";
import { createStageRenderer, type Open, type Variables } from "../../rollout/index.ts";
import type { Rendering, SopsItems } from "../../sandbox/index.ts";
import type { Gathered, RemoteSearch } from "../../source/index.ts";
import type { Effect } from "../text/request-text.ts";

/** What follows the target branch, as far as it is known. */
export interface Overlay {
  /** The Environment, or the folder where that is not known. */
  readonly name: string;
  readonly environment: Pick<Environment, "spec" | "metadata">;
  /** With Secrets' values masked already. */
  readonly variables: Variables;
  /** Opens what the target may have opened, with its keys; undefined where those are not at hand. */
  readonly open: Open | undefined;
  /** The target's keys for files that SOPS encrypted; undefined where it has none, or they are not at hand. */
  readonly sops: SopsItems | undefined;
  /** How its files are worked with. */
  readonly rendering: Rendering;
}

/** Adds to a tree what its kustomizations take from elsewhere. */
export type GatherTree = (
  tree: FileTree,
  find: RemoteSearch["find"],
  signal: AbortSignal,
) => Promise<Pick<Gathered, "tree" | "remotes">>;

/** The repository before and after, and the way to what it takes from elsewhere. */
export interface Change {
  readonly before: FileTree;
  readonly after: FileTree;
  readonly gather: GatherTree;
}

/**
 * What a change of the repository does to an overlay, without its cluster. That it does not render is an answer, too. What
 * both trees take from elsewhere is the same in both: as it is now. Throws the errors of fetching.
 */
export async function effectOf(overlay: Overlay, change: Change, signal: AbortSignal): Promise<Effect> {
  const { name: target, environment, variables, open, sops, rendering } = overlay;
  const find: RemoteSearch["find"] = (tree, remotes) => rendering.findRemotes(tree, environment.spec, remotes, signal);
  const encrypted = environment.spec.decryption !== undefined && sops === undefined;
  try {
    const known = await hasStages(overlay, change.before);
    const before = known ? await change.gather(change.before, find, signal) : undefined;
    const after = await change.gather(change.after, find, signal);
    const remotes = new Map([...(before?.remotes ?? []), ...after.remotes]);
    const trees = { before: before?.tree, after: after.tree, remotes };
    const tools = { render: createStageRenderer(rendering.build), variables: async () => variables, sops };
    const { plan, manifests } = await planTrees(environment, trees, tools, signal);
    return { target, change: { plan }, unopened: await unopened(manifests, open, signal), encrypted };
  } catch (thrown) {
    signal.throwIfAborted();
    return { target, change: { problem: ofRevision(thrown).message }, unopened: undefined, encrypted };
  }
}

async function hasStages({ environment }: Overlay, tree: FileTree): Promise<boolean> {
  const entries = stagesOf(environment.spec).map(({ path }) => tree.entry(plainPath(path)));
  return (await Promise.all(entries)).every((entry) => entry?.kind === "directory");
}

async function unopened(
  manifests: readonly Manifest[],
  open: Open | undefined,
  signal: AbortSignal,
): Promise<Effect["unopened"]> {
  if (open === undefined) return undefined;
  try {
    await open(manifests, signal);
    return [];
  } catch (thrown) {
    const failure = toFailure(thrown);
    // That the target may not have it opened is said of the revision as well: it asks for too much.
    return (failure.code === "Forbidden" ? failure : ofRevision(failure)).problems.map(describeProblem);
  }
}

/** The failure, where it is a property of the revision; what the world around does is thrown on. */
function ofRevision(thrown: unknown): Failure {
  const failure = toFailure(thrown);
  if (failureClasses[failure.code].nature === "error") throw failure;
  return failure;
}
