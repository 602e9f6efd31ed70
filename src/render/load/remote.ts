import type { RemoteRepository, RemoteRole } from "../../model/remote.ts";

/** What a path in a kustomization names elsewhere; undefined for what can only be in the tree. */
export interface Elsewhere {
  readonly isUrl: boolean;
  readonly repository: RemoteRepository | undefined;
}

/** Whether a path is the URL of a file. Source: IsRemoteFile in sigs.k8s.io/kustomize/api/internal/loader. */
export function isRemoteFile(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** Reads a path as kustomize does in a place of that role. */
export function elsewhere(path: string, role: RemoteRole): Elsewhere | undefined {
  const isUrl = role !== "folder" && isRemoteFile(path);
  const repository = role === "file" ? undefined : remoteRepository(path);
  return isUrl || repository !== undefined ? { isUrl, repository } : undefined;
}

const orgAndRepository = 2;

/**
 * The repository that a path names, or undefined where it names none: with a scheme, in the form `user@host:path`, or as
 * `github.com/org/repo`. Where the repository ends and the folder begins is told by `//`, `_git/` or `.git`; failing
 * these, a repository has two parts.
 * Source: NewRepoSpecFromURL in sigs.k8s.io/kustomize/api/internal/git/repospec.go, v5.8.
 */
export function remoteRepository(path: string): RemoteRepository | undefined {
  if (path.startsWith("/")) return undefined;
  const [address = "", query = ""] = path.split(/\?(.*)/s);
  const host = hostOf(address);
  if (host === undefined) return undefined;
  const split = splitPath(host.rest, host.name.startsWith("file://"));
  if (split === undefined || split.repository === "" || leadsOut(split.folder)) return undefined;
  const { ref, submodules } = readQuery(query);
  return { url: host.name + split.repository, ref, submodules, path: split.folder.replace(/^\//, "") };
}

interface Host {
  /** With scheme, user and the separator at the end: `https://host/`, `git@host:`. */
  readonly name: string;
  readonly rest: string;
}

function hostOf(address: string): Host | undefined {
  const [, schemeWritten = "", unschemed = ""] =
    /^(ssh:\/\/|https?:\/\/|file:\/\/)?(.*)$/is.exec(address.replace(/^git::/i, "")) ?? [];
  const scheme = schemeWritten.toLowerCase();
  const [, user = "", place = ""] = /^([a-zA-Z][a-zA-Z0-9-]*@)?(.*)$/s.exec(unschemed) ?? [];
  const onGithub = /^github\.com[/:]/i.test(place);
  const mayBeScp = scheme === "" && (user !== "" || onGithub);
  if (scheme === "" && !mayBeScp) return undefined;
  if (scheme === "file://") return { name: scheme, rest: user + place };
  const end = separator(place, mayBeScp);
  const rest = end < 0 ? "" : place.slice(end + 1);
  if (onGithub) {
    const overSsh = scheme === "ssh://" || user !== "";
    return { name: overSsh ? `${user}github.com:` : "https://github.com/", rest };
  }
  return place === "" ? undefined : { name: scheme + user + place.slice(0, end < 0 ? undefined : end + 1), rest };
}

/** Where the host ends: at the first slash, or at a colon before it where that may part host and path. */
function separator(place: string, mayBeScp: boolean): number {
  const slash = place.indexOf("/");
  const colon = place.indexOf(":");
  if (!mayBeScp) return slash;
  return slash < 0 || (colon > 0 && colon < slash) ? colon : slash;
}

function splitPath(
  path: string,
  isFile: boolean,
): { readonly repository: string; readonly folder: string } | undefined {
  const marker = path.indexOf("_git/");
  if (marker >= 0) {
    const end = marker + "_git/".length;
    const [name = "", ...folder] = path.slice(end).split("/");
    return { repository: path.slice(0, end) + name, folder: folder.join("/") };
  }
  const slashes = path.indexOf("//");
  if (slashes >= 0) return { repository: path.slice(0, slashes), folder: path.slice(slashes + 2) };
  const suffix = path.indexOf(".git");
  if (suffix >= 0) {
    const end = suffix + ".git".length;
    return { repository: path.slice(0, end), folder: path.slice(end) };
  }
  if (isFile) return { repository: path, folder: "" };
  const parts = path.split("/");
  if (parts.length < orgAndRepository) return undefined;
  const cut = (from: number, to?: number) => parts.slice(from, to).join("/");
  return { repository: cut(0, orgAndRepository), folder: cut(orgAndRepository) };
}

function leadsOut(folder: string): boolean {
  let depth = 0;
  for (const part of folder.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Go's ParseBool knows these words; any other is as if nothing were said. */
const no = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function readQuery(query: string): { readonly ref: string; readonly submodules: boolean } {
  // Go refuses a query with a semicolon or a broken escape as a whole.
  if (/;|%(?![0-9a-f]{2})/i.test(query)) return { ref: "", submodules: true };
  const values = new URLSearchParams(query);
  return {
    ref: values.get("ref") || values.get("version") || "",
    submodules: !no.has(values.get("submodules") ?? ""),
  };
}
