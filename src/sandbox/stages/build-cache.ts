import { createHash } from "node:crypto";
import { writeJson } from "../../model/json/json.ts";
import { traceHolds } from "../../render/index.ts";
import type { BuildRequest, BuildStage, Built } from "./build.ts";

/** What the objects of one environment may come to, in characters of JSON, so that an agent can hold those of many. */
export const mostSize = 64 * 2 ** 20;

interface Kept {
  /** Of the request: another one takes its place. */
  readonly key: string;
  readonly built: Built;
}

/**
 * The same builds, where nothing that the last one of the same request looked at has changed since, in whatever tree, its
 * answer itself: an unchanged folder costs a look at the ids of the files and folders that it was built from. Of each folder
 * the last build is kept, with whatever variables and options it was made, and of all of them the last `limit`, as far as they
 * come to `size`. What a build failed with is not remembered.
 */
export function cachedBuilds(build: BuildStage, limit: number, size = mostSize): BuildStage {
  const kept = new Map<string, Kept>();
  return async (tree, request, signal) => {
    const key = keyOf(request);
    const known = kept.get(request.path);
    kept.delete(request.path);
    if (known?.key === key && (await traceHolds(tree, known.built.trace))) {
      kept.set(request.path, known);
      return known.built;
    }
    const built = await build(tree, request, signal);
    kept.set(request.path, { key, built });
    drop(kept, limit, size);
    return built;
  };
}

/** Drops the longest unused, until the others fit. */
function drop(kept: Map<string, Kept>, limit: number, mostOfAll: number): void {
  let all = 0;
  for (const { built } of kept.values()) all += sizeOf(built);
  for (const [path, { built }] of kept) {
    if (kept.size <= limit && all <= mostOfAll) return;
    kept.delete(path);
    all -= sizeOf(built);
  }
}

/** Questions and answers of the trace are about so long. */
const traceEntry = 100;

function sizeOf({ size = 0, trace }: Built): number {
  return size + trace.size * traceEntry;
}

/** A digest: variables and keys are in it, and are remembered nowhere. */
function keyOf({ path, post, remotes, sops }: BuildRequest): string {
  const items = Object.entries(sops ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  const text = writeJson([path, post, [...remotes], sops !== undefined, items]);
  return createHash("sha256").update(text).digest("base64");
}
