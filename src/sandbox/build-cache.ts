import { createHash } from "node:crypto";
import { writeJson } from "../model/json.ts";
import { traceHolds } from "../render/index.ts";
import type { BuildRequest, BuildStage, Built } from "./build.ts";

/**
 * The same builds, where nothing that the last one of the same request looked at has changed since, in whatever tree, its
 * answer itself: an unchanged folder costs a look at the ids of the files and folders that it was built from. Keeps the last
 * `limit` builds. What a build failed with is not remembered.
 */
export function rememberingBuilds(build: BuildStage, limit: number): BuildStage {
  const kept = new Map<string, Built>();
  return async (tree, request, signal) => {
    const key = keyOf(request);
    const known = kept.get(key);
    kept.delete(key);
    if (known !== undefined && (await traceHolds(tree, known.trace))) {
      kept.set(key, known);
      return known;
    }
    const built = await build(tree, request, signal);
    kept.set(key, built);
    for (const oldest of kept.keys()) if (kept.size > limit) kept.delete(oldest);
    return built;
  };
}

/** A digest: variables and keys are in it, and are remembered nowhere. */
function keyOf({ path, post, remotes, sops }: BuildRequest): string {
  const items = Object.entries(sops ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  const text = writeJson([path, post, [...remotes], sops !== undefined, items]);
  return createHash("sha256").update(text).digest("base64");
}
