import { type Environment, stagesOf } from "../api/environment.ts";
import { describeProblem, type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Manifest } from "../model/manifest.ts";
import { planTrees, type Unseal, type Variables } from "../rollout/index.ts";
import type { Effect } from "./text/request-text.ts";

/** What follows the target branch, as far as it is known. */
export interface Overlay {
  /** The Environment, or the folder where that is not known. */
  readonly name: string;
  readonly environment: Pick<Environment, "spec" | "metadata">;
  /** With Secrets' values masked already. */
  readonly variables: Variables;
  /** Opens sealed secrets with the target's keys; undefined where they are not at hand. */
  readonly unseal: Unseal | undefined;
}

/** What a change of the repository does to an overlay, without its cluster. That it does not render is an answer, too. */
export async function effectOf(overlay: Overlay, before: FileTree, after: FileTree): Promise<Effect> {
  const { name: target, environment, variables, unseal } = overlay;
  try {
    const trees = { before: (await hasStages(overlay, before)) ? before : undefined, after };
    const { plan, manifests } = await planTrees(environment, trees, variables);
    return { target, change: { plan }, unopened: await unopened(manifests, unseal) };
  } catch (thrown) {
    return { target, change: { problem: ofRevision(thrown).message }, unopened: undefined };
  }
}

async function hasStages({ environment }: Overlay, tree: FileTree): Promise<boolean> {
  const entries = stagesOf(environment.spec).map(({ path }) => tree.entry(plainPath(path)));
  return (await Promise.all(entries)).every((entry) => entry?.kind === "directory");
}

async function unopened(manifests: readonly Manifest[], unseal: Unseal | undefined): Promise<Effect["unopened"]> {
  if (unseal === undefined) return undefined;
  try {
    await unseal(manifests);
    return [];
  } catch (thrown) {
    return ofRevision(thrown).problems.map(describeProblem);
  }
}

/** The failure, where it is a property of the revision; what the world around does is thrown on. */
function ofRevision(thrown: unknown): Failure {
  const failure = toFailure(thrown);
  if (failureClasses[failure.code].nature === "error") throw failure;
  return failure;
}

/** `./a//b/` as a tree names it: `a/b`. */
function plainPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.join("/");
}
