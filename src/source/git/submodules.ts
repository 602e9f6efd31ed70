import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { parseRepositoryUrl } from "../url.ts";

/** Another repository at a commit, to be seen as a folder. */
export interface Submodule {
  /** The folder, from the root of the tree. */
  readonly path: string;
  readonly url: string;
  readonly commit: string;
}

const maxSubmodules = 50;
/** Bytes of .gitmodules, and sections in it: some are of submodules that the tree has no more. */
const longestFile = 256 * 1024;
const maxSections = 1_000;

/**
 * The submodules that `.gitmodules` names and the tree has (gitmodules(5)); relative URLs are resolved against the
 * repository's own. Throws `Failure`: SourceInvalid for a URL that is none, InputTooLarge beyond fifty, and for a
 * `.gitmodules` of more than 256 KiB or a thousand sections.
 */
export async function submodulesOf(tree: FileTree, parentUrl: string): Promise<readonly Submodule[]> {
  if ((await tree.entry(".gitmodules"))?.kind !== "file") return [];
  const bytes = await tree.read(".gitmodules");
  if (bytes.length > longestFile) throw tooLarge(`has more than ${longestFile} bytes`);
  const sections = parseSections(new TextDecoder().decode(bytes));
  if (sections.length > maxSections) throw tooLarge(`has more than ${maxSections} sections`);
  const found: Submodule[] = [];
  for (const section of sections) {
    const [path = "", url = ""] = [section.get("path"), section.get("url")];
    const entry = await tree.entry(path);
    // git has no empty folders: what looks like one is a submodule, and its name is the commit's.
    if (path === "" || entry?.oid === undefined || entry.kind !== "directory") continue;
    if ((await tree.list(path)).length > 0) continue;
    found.push({ path, url: resolveUrl(url, parentUrl), commit: entry.oid });
  }
  if (found.length <= maxSubmodules) return found;
  throw tooLarge(`names more than ${maxSubmodules} submodules of the repository`);
}

function tooLarge(message: string): Failure {
  return new Failure("InputTooLarge", { file: ".gitmodules", message });
}

/** The tree with other trees in the place of some of its empty folders. */
export function mountedTree(tree: FileTree, mounts: ReadonlyMap<string, FileTree>): FileTree {
  const at = (path: string): { readonly tree: FileTree; readonly inside: string } => {
    for (const [folder, mounted] of mounts) {
      if (path === folder) return { tree: mounted, inside: "" };
      if (path.startsWith(`${folder}/`)) return { tree: mounted, inside: path.slice(folder.length + 1) };
    }
    return { tree, inside: path };
  };
  return {
    ...wholeId(tree, mounts),
    entry: (path) => at(path).tree.entry(at(path).inside),
    read: (path) => at(path).tree.read(at(path).inside),
    list: (path) => at(path).tree.list(at(path).inside),
  };
}

/** The id of a tree with mounts; none where one of them has none. */
function wholeId(tree: FileTree, mounts: ReadonlyMap<string, FileTree>): { readonly id?: string } {
  const parts = [["", tree] as const, ...mounts].map(([path, { id }]) => (id === undefined ? undefined : [path, id]));
  return parts.includes(undefined) ? {} : { id: createHash("sha256").update(JSON.stringify(parts)).digest("hex") };
}

/** The part of git-config(5) that .gitmodules uses: sections of `key = value`, the value perhaps in quotes. */
function parseSections(text: string): readonly ReadonlyMap<string, string>[] {
  const sections: Map<string, string>[] = [];
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (line.startsWith("[submodule ")) sections.push(new Map());
    const {
      key = "",
      quoted,
      plain,
    } = /^(?<key>\w+)\s*=\s*(?:"(?<quoted>[^"]*)"|(?<plain>[^#;]*))/.exec(line)?.groups ?? {};
    const section = sections.at(-1);
    if (section !== undefined && key !== "") section.set(key, quoted ?? plain?.trim() ?? "");
  }
  return sections;
}

/** `../other.git` is beside the parent, as git resolves it. */
function resolveUrl(url: string, parentUrl: string): string {
  if (!/^\.\.?\//.test(url)) return parseRepositoryUrl(url).address;
  const { address } = parseRepositoryUrl(parentUrl);
  const [, origin = "", path = ""] = /^([a-z]+:\/\/[^/]+|[^/:]+:)(.*)$/.exec(address) ?? [];
  const steps = path.split("/");
  for (const step of url.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== ".") steps.push(step);
  }
  return parseRepositoryUrl(origin + steps.join("/")).address;
}
