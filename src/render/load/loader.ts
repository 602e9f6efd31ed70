import { Failure, type FailureCode } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { findPath, isWithin, joinPath } from "./paths.ts";

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
}

/** What a path in a kustomization leads to. */
export type Target = { readonly kind: "file" | "directory"; readonly path: string };

/**
 * Finds what a path in a kustomization leads to, a file or a directory.
 * Throws `Failure` (PathNotFound, PathEscapes).
 */
export async function locate(loader: Loader, path: string): Promise<Target> {
  refuseRemote(path);
  if (path === "") throw refusal("PathNotFound", "a path must not be empty");
  if (path.startsWith("/")) {
    throw refusal("PathEscapes", `'${path}' is absolute`, "write it relative to the kustomization");
  }
  const joined = joinPath(loader.root, path);
  if (joined === undefined) {
    throw refusal("PathEscapes", `'${path}' leads out of the repository`, "a build can only reach what is in its tree");
  }
  const found = await findPath(loader.tree, joined);
  if (found === undefined) {
    throw refusal("PathNotFound", `'${path}' does not exist: no such file or directory: ${joined}`);
  }
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
  const target = await locate(loader, path);
  if (target.kind === "directory")
    throw refusal("PathNotFound", `'${path}' must resolve to a file, but is a directory`);
  return { path: target.path, content: await readWithin(loader, target.path, path) };
}

/** The bytes of a file already located; see `loadFile`. */
export async function readWithin(loader: Loader, path: string, asWritten: string): Promise<Uint8Array> {
  if (!loader.unrestricted && !isWithin(path, loader.root)) {
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
 * A loader for a kustomization in another directory. Throws `Failure` (KustomizationInvalid) where that directory is one
 * that led here, or holds one: kustomizations would go round in a circle.
 */
export function enter(loader: Loader, directory: string): Loader {
  const visited = loader.roots.findLast((root) => isWithin(root, directory));
  if (visited !== undefined) {
    throw refusal(
      "KustomizationInvalid",
      `cycle detected: candidate root '${directory}' contains visited root '${visited}'`,
      "an overlay must not use a base that stands at or above it",
    );
  }
  return { ...loader, root: directory, roots: [...loader.roots, directory] };
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

function refuseRemote(path: string): void {
  if (
    !/^(?:[a-z][a-z0-9+.-]*::?\/\/|git::|[^/\s]+@[^/\s]+:|(?:github\.com|gitlab\.com|bitbucket\.org)[/:])/i.test(path)
  ) {
    return;
  }
  throw refusal(
    "KustomizationInvalid",
    `'${path}' is remote, and a build reads only what is in the repository`,
    "copy it into the repository, so that a commit says exactly what is deployed",
  );
}

function tooLarge(path: string, size: number): Failure {
  const megabytes = (bytes: number) => Math.round(bytes / (1024 * 1024));
  return new Failure("InputTooLarge", {
    message: `the file has ${megabytes(size)} MiB; at most ${megabytes(maxFileBytes)} MiB are read`,
    file: path,
  });
}

function refusal(code: FailureCode, message: string, hint?: string): Failure {
  return new Failure(code, { message, ...(hint !== undefined && { hint }) });
}
