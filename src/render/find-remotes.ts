import { Failure, failureClasses } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { plainPath } from "../model/path.ts";
import { type RemoteReference, type Remotes, remoteKey } from "../model/remote.ts";
import { kustomizationFiles } from "./accumulate/target.ts";
import { modernize } from "./kustomization/kustomization.ts";
import { type NamedPath, namedPaths } from "./kustomization/named-paths.ts";
import { formatPath, type ReadKustomization, readKustomization } from "./kustomization/read.ts";
import { enter, isLocalFile, type Loader, locate, readWithin } from "./load/loader.ts";
import { joinPath } from "./load/paths.ts";
import { plainFolderResources } from "./load/plain-folder.ts";
import { readResources } from "./load/read-resources.ts";
import { elsewhere } from "./load/remote.ts";
import { startLoader } from "./load/start.ts";
import { withPostRender } from "./post/post-render.ts";
import type { RenderOptions } from "./render.ts";

/**
 * What a build of the same path and options would take from elsewhere: everything that its kustomizations name, those
 * included that are in `options.remotes` already and what these name in turn. So whoever fetches what is found and asks
 * again, until nothing new is found, has all of it. Reads nothing but the tree; passes over what is wrong with it, which
 * the build itself tells better. Throws what keeps the tree from being read.
 */
export async function findRemotes(
  tree: FileTree,
  path: string,
  options: RenderOptions = {},
): Promise<readonly RemoteReference[]> {
  const found = new Map<string, RemoteReference>();
  const { plainFolders = false, post = {}, remotes = new Map() } = options;
  await forgiving(async () => {
    const loader = await startLoader(tree, plainFolders ? plainPath(path) : joinPath("", path), {
      unrestricted: false,
      remotes,
    });
    const start = await readFolder(loader, { chain: [], plainFolders });
    const kustomization = withPostRender(start.kustomization, post);
    await look({ loader, read: { ...start, kustomization } }, { remotes, found, seen: new Set() });
  });
  return [...found.values()];
}

/** Whether a text is what a kustomization takes as resources: objects of the Kubernetes API. */
export function isResources(content: Uint8Array): boolean {
  try {
    readResources(content, { file: "", chain: [] });
    return true;
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code !== "Bug") return false;
    throw thrown;
  }
}

interface Folder {
  readonly loader: Loader;
  readonly read: ReadKustomization & { readonly file: string; readonly chain: readonly string[] };
}

interface Search {
  readonly remotes: Remotes;
  readonly found: Map<string, RemoteReference>;
  /** Folders already looked into. */
  readonly seen: Set<string>;
}

async function look(folder: Folder, search: Search): Promise<void> {
  if (search.seen.has(folder.loader.root)) return;
  search.seen.add(folder.loader.root);
  for (const named of namedPaths(folder.read.kustomization)) {
    await forgiving(async () => {
      const reference = await referenceTo(folder, named);
      if (reference !== undefined) search.found.set(remoteKey(named), reference);
      if (named.role !== "file" && (reference === undefined || search.remotes.has(remoteKey(named))))
        await lookBehind(folder, named, search);
    });
  }
}

async function lookBehind({ loader, read }: Folder, { text, role }: NamedPath, search: Search): Promise<void> {
  const target = await locate(loader, text, role);
  if (target.kind !== "directory") return;
  const below = enter(loader, target, text);
  await look({ loader: below, read: await readFolder(below, { chain: read.chain, plainFolders: false }) }, search);
}

async function referenceTo({ loader, read }: Folder, named: NamedPath): Promise<RemoteReference | undefined> {
  const { text, role, at } = named;
  const other = elsewhere(text, role);
  if (other === undefined || other.repository?.url.startsWith("file://")) return undefined;
  if (!other.isUrl && role === "any" && (await isLocalFile(loader, text))) return undefined;
  const { file, chain } = read;
  return { text, role, ...other, place: { file, ...read.locate(at), field: formatPath(at), chain } };
}

async function readFolder(
  loader: Loader,
  how: { readonly chain: readonly string[]; readonly plainFolders: boolean },
): Promise<Folder["read"]> {
  const [file] = await kustomizationFiles(loader);
  if (file === undefined && how.plainFolders) {
    const resources = await plainFolderResources(loader.tree, loader.root);
    const locate = () => ({ line: 1, column: 1 });
    return { kustomization: { ...modernize({}), resources }, warnings: [], locate, file: loader.root, ...how };
  }
  const chain = [...how.chain, file ?? ""];
  const content = await readWithin(loader, { path: file ?? "" }, file ?? "");
  return { ...readKustomization(content, { file: file ?? "", chain }), file: file ?? "", chain };
}

/** What fails here fails in the build too, where it is reported with its place. */
async function forgiving(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    // What the world around the revision does, a repository that cannot be read for a moment, is no answer.
    if (!(thrown instanceof Failure) || failureClasses[thrown.code].nature === "error") throw thrown;
  }
}
