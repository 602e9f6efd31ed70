import { joinPath } from "../load/paths.ts";
import { remoteRepository } from "../load/remote.ts";

/** Where something is, as the outermost kustomization reaches it. */
export interface Location {
  readonly path: string;
  /** Where it is in another repository: what that is cloned from. */
  readonly repo?: string;
  readonly ref?: string;
}

/** What kustomize calls the root of a repository that it has not cloned yet, and so in its notes. */
const unclonedRoot = "notCloned";

/** A path reached from another. Source: Append in sigs.k8s.io/kustomize/api/resource/origin.go. */
export function locationFrom(from: Location, path: string): Location {
  const repository = remoteRepository(path);
  if (repository === undefined) return { ...from, path: joinFreely(from.path, path) };
  const { url: repo, ref } = repository;
  return { path: joinFreely("", repository.path) || unclonedRoot, repo, ...(ref === "" ? {} : { ref }) };
}

function joinFreely(from: string, path: string): string {
  const joined = joinPath(from, path);
  if (joined !== undefined) return joined;
  const parts = from === "" ? [] : from.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const last = parts.at(-1);
    if (part === ".." && last !== undefined && last !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
