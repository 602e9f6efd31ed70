import { plainPath } from "../../model/path.ts";
import type { RemoteTarget } from "../../model/remote.ts";
import { parseRepositoryUrl } from "../url.ts";
import type { ResolvedRemote } from "./resolve-remote.ts";

/**
 * Where in a tree what a reference resolved to is put, which is also how messages name it: `git.example.com/acme/shop@1a2b3c…`
 * and the folder, or a file's address and digest. No commit or content but the one can be there.
 */
export function mountPoint(resolved: ResolvedRemote): RemoteTarget {
  if (resolved.kind === "file") {
    const path = `${placeOf(resolved.url)}@${resolved.file.digest.slice(0, 12)}`;
    return { repository: path, path };
  }
  const { url, path, submodules } = resolved.repository;
  // Without its submodules a repository is another tree.
  const repository = `${placeOf(url)}@${resolved.commit.slice(0, 12)}${submodules ? "" : "~"}`;
  // The folder may step back, but not out: who read the reference has seen to that.
  const folder = plainPath(path);
  return { repository, path: folder === "" ? repository : `${repository}/${folder}` };
}

function placeOf(url: string): string {
  const { host, path } = parseRepositoryUrl(url);
  return plainPath(`${host}/${path.replace(/\.git$/, "")}`);
}
