import { Failure, type FailureCode } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type RemoteRole, type Remotes, remoteKey, shownUrl } from "../../model/remote.ts";
import { findPath, isWithin, joinPath } from "./paths.ts";
import { elsewhere } from "./remote.ts";

/** Files larger than this are refused: nothing a cluster takes is anywhere near. */
const maxFileBytes = 64 * 1024 * 1024;

/** How a kustomization reaches files and other kustomizations, and what it may not reach. */
export interface Loader {
  readonly tree: FileTree;
  /** The directory of the kustomization, symbolic links followed. */
  readonly root: string;
  /** The directories of the kustomizations that led here, outermost first, this one last. */
  readonly roots: readonly string[];
  /** Whether files outside the kustomization's own directory may be read. */
  readonly unrestricted: boolean;
  /** Where in the tree the repository begins that the kustomization is in; empty but for remote ones. */
  readonly repository: string;
  /** What was fetched from elsewhere. */
  readonly remotes: Remotes;
  /** The remote references that led here, outermost first, as they are written. */
  readonly references: readonly string[];
}

/** What a path in a kustomization leads to. */
export interface PathTarget {
  readonly kind: "file" | "directory";
  readonly path: string;
  /** For what is in another repository: its root in the tree. */
  readonly repository?: string;
}

/**
 * Finds what a path in a kustomization leads to, a file or a directory, in the tree or fetched from elsewhere.
 * Throws `Failure` (PathNotFound, PathEscapes, KustomizationInvalid).
 */
export async function locate(loader: Loader, path: string, role: RemoteRole): Promise<PathTarget> {
  return (await locateRemote(loader, path, role)) ?? locateLocal(loader, path);
}

/** A file of that name comes before a repository, as in kustomize; a folder does not. */
async function locateRemote(loader: Loader, path: string, role: RemoteRole): Promise<PathTarget | undefined> {
  const named = elsewhere(path, role);
  if (named === undefined || (!named.isUrl && role === "any" && (await isLocalFile(loader, path)))) return undefined;
  const found = loader.remotes.get(remoteKey({ text: path, role }));
  const entry = found === undefined ? undefined : await findPath(loader.tree, found.path);
  if (found === undefined) throw notFetched(path);
  if (entry === undefined) {
    throw refusal("PathNotFound", `'${shownUrl(path)}': there is no such folder in the repository`);
  }
  if (!isWithin(entry.path, found.repository)) throw leadsOut(shownUrl(path));
  const kind = entry.entry.kind === "directory" ? "directory" : "file";
  if (kind === "directory") refuseCircle(loader, path);
  return { kind, path: entry.path, repository: found.repository };
}

/** Whether a path is the name of a file in the tree. */
export async function isLocalFile(loader: Loader, path: string): Promise<boolean> {
  const joined = joinPath(loader.root, path);
  return joined !== undefined && (await findPath(loader.tree, joined))?.entry.kind === "file";
}

async function locateLocal(loader: Loader, path: string): Promise<PathTarget> {
  if (path === "") throw refusal("PathNotFound", "a path must not be empty");
  if (path.startsWith("/")) {
    throw refusal("PathEscapes", `'${path}' is absolute`, "write it relative to the kustomization");
  }
  const joined = joinPath(loader.root, path);
  if (joined === undefined || !isWithin(joined, loader.repository)) throw leadsOut(path);
  const found = await findPath(loader.tree, joined);
  if (found === undefined) {
    throw refusal("PathNotFound", `'${path}' does not exist: no such file or directory: ${joined}`);
  }
  if (!isWithin(found.path, loader.repository)) throw leadsOut(path);
  return { kind: found.entry.kind === "directory" ? "directory" : "file", path: found.path };
}

/**
 * The bytes of a file that a kustomization names, and where it is.
 * Throws `Failure` (PathNotFound, PathEscapes, InputTooLarge).
 */
export async function loadFile(
  loader: Loader,
  path: string,
): Promise<{ readonly path: string; readonly content: Uint8Array }> {
  const target = await locate(loader, path, "file");
  if (target.kind === "directory")
    throw refusal("PathNotFound", `'${path}' must resolve to a file, but is a directory`);
  return { path: target.path, content: await readWithin(loader, target, path) };
}

/** The bytes of a file already located; see `loadFile`. */
export async function readWithin(
  loader: Loader,
  { path, repository }: Pick<PathTarget, "path" | "repository">,
  asWritten: string,
): Promise<Uint8Array> {
  if (repository === undefined && !loader.unrestricted && !isWithin(path, loader.root)) {
    throw refusal(
      "PathEscapes",
      `security; file '${path}' is not in or below '${loader.root}'`,
      `move '${asWritten}' below the kustomization, or use --load-restrictor LoadRestrictionsNone`,
    );
  }
  const size = (await loader.tree.entry(path))?.size ?? 0;
  if (size > maxFileBytes) throw tooLarge(path, size);
  const content = await loader.tree.read(path);
  if (content.byteLength > maxFileBytes) throw tooLarge(path, content.byteLength);
  return content;
}

/**
 * A loader for a kustomization in another directory; one in another repository reads nothing outside that directory.
 * Throws `Failure` (KustomizationInvalid) where the directory is one that led here, or holds one: kustomizations would go
 * round in a circle.
 */
export function enter(loader: Loader, target: PathTarget, asWritten: string): Loader {
  const { path: root, repository } = target;
  if (repository !== undefined) {
    const references = [...loader.references, asWritten];
    return { ...loader, root, roots: [root], repository, references, unrestricted: false };
  }
  const visited = loader.roots.findLast((each) => isWithin(each, root));
  if (visited !== undefined) {
    throw refusal(
      "KustomizationInvalid",
      `cycle detected: candidate root '${root}' contains visited root '${visited}'`,
      "an overlay must not use a base that is at or above it",
    );
  }
  return { ...loader, root, roots: [...loader.roots, root] };
}

/** A path with `..` inside a name comes from list entries that run together by wrong indentation. */
export function refuseAmbiguous(path: string): void {
  const odd = path.split("/").find((part) => part !== ".." && part.includes(".."));
  if (odd === undefined) return;
  throw refusal(
    "KustomizationInvalid",
    `path ${JSON.stringify(path)} is ambiguous: '${odd}' looks like two paths in one`,
    "check the indentation of the list in the kustomization",
  );
}

/** kustomize compares the references as they are written, and takes a shorter one for one that comes round again. */
function refuseCircle(loader: Loader, path: string): void {
  const before = loader.references.findLast((reference) => reference.startsWith(path));
  if (before === undefined) return;
  throw refusal(
    "KustomizationInvalid",
    `cycle detected: URI '${shownUrl(path)}' referenced by previous URI '${shownUrl(before)}'`,
    "a remote base must not lead back to itself",
  );
}

function notFetched(path: string): Failure {
  const onDisk = /^(git::)?file:/i.test(path);
  return refusal(
    "KustomizationInvalid",
    onDisk
      ? `'${shownUrl(path)}' is a local repository, and only repositories on servers are fetched`
      : `'${shownUrl(path)}' is remote, and was not fetched`,
    "copy it into the repository, so that a commit says exactly what is deployed",
  );
}

function leadsOut(path: string): Failure {
  return refusal("PathEscapes", `'${path}' leads out of the repository`, "a build can only reach what is in its tree");
}

function tooLarge(path: string, size: number): Failure {
  const megabytes = (bytes: number) => Math.round(bytes / (1024 * 1024));
  return new Failure("InputTooLarge", {
    message: `the file has ${megabytes(size)} MiB; the limit is ${megabytes(maxFileBytes)} MiB`,
    file: path,
  });
}

function refusal(code: FailureCode, message: string, hint?: string): Failure {
  return new Failure(code, { message, ...(hint !== undefined && { hint }) });
}
