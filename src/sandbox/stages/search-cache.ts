import { createHash } from "node:crypto";
import type { EnvironmentSpec } from "../../api/environment/environment-spec.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { writeJson } from "../../model/json/json.ts";
import type { RemoteReference, Remotes } from "../../model/remote.ts";
import { type Trace, traceHolds } from "../../render/index.ts";
import type { FindStageRemotes } from "./stages.ts";

/** What an environment takes from elsewhere, and what of the tree was looked at to find it. */
export interface Found {
  readonly references: readonly RemoteReference[];
  readonly trace: Trace;
}

type Search = (tree: FileTree, spec: EnvironmentSpec, remotes: Remotes, signal?: AbortSignal) => Promise<Found>;

/** A longer trace is found anew: to hold one of these for each of a thousand environments is more than it saves. */
const longestTrace = 10_000;

/**
 * The same search for one environment, whose last answer is given again where nothing that it looked at has changed since. A
 * commit to a repository that hundreds of environments share is looked through by those of them that it touches.
 */
export function cachedSearch(search: Search): FindStageRemotes {
  let last: { readonly key: string; readonly found: Found } | undefined;
  return async (tree, spec, remotes, signal) => {
    const key = keyOf(spec, remotes);
    if (last?.key === key && (await traceHolds(tree, last.found.trace))) return last.found.references;
    last = undefined;
    const found = await search(tree, spec, remotes, signal);
    if (found.trace.size <= longestTrace) last = { key, found };
    return found.references;
  };
}

/** A digest: what a spec says is remembered nowhere else. */
function keyOf(spec: EnvironmentSpec, remotes: Remotes): string {
  return createHash("sha256")
    .update(writeJson([spec, [...remotes]]))
    .digest("base64");
}
