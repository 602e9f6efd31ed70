import { Failure } from "../../model/failure.ts";
import { modernize } from "../kustomization/kustomization.ts";
import { kustomizationNames, readKustomization } from "../kustomization/read.ts";
import { type Loader, loadFile, readWithin } from "../load/loader.ts";
import { findPath } from "../load/paths.ts";
import { plainFolderResources } from "../load/plain-folder.ts";
import type { Location } from "../provenance/location.ts";
import { parseSettings } from "../yaml/index.ts";
import type { Build, KustomizationScope } from "./build.ts";

/** Where a kustomization is opened from. */
export interface OpenContext {
  readonly chain: readonly string[];
  readonly location: Location;
  readonly helmNamespace: string;
  /** Whether the kustomization may say nothing. */
  readonly mayBeEmpty?: boolean;
}

/**
 * Opens the kustomization in a directory.
 * Throws `Failure` (PathNotFound, KustomizationInvalid, YamlInvalid) where there is none, more than one, or a wrong one.
 */
export async function openTarget(build: Build, loader: Loader, from: OpenContext): Promise<KustomizationScope> {
  const file = await findKustomization(loader, from.chain);
  const chain = [...from.chain, file];
  build.budget.kustomization();
  const content = await readWithin(loader, { path: file }, file);
  const { kustomization, warnings } = readKustomization(content, { file, chain }, from.mayBeEmpty);
  build.warnings.push(...warnings);
  const bytes = content.byteLength;
  const target: KustomizationScope = { build, loader, kustomization, bytes, context: { file, chain }, ...from };
  await chooseSchema(target);
  return target;
}

/**
 * Opens a directory as `openTarget` does; one without a kustomization as if it had one that lists all its YAML files.
 * Throws `Failure` (PathNotFound, KustomizationInvalid, YamlInvalid).
 */
export async function openFolder(build: Build, loader: Loader, from: OpenContext): Promise<KustomizationScope> {
  if ((await kustomizationFiles(loader)).length > 0) return openTarget(build, loader, { ...from, mayBeEmpty: true });
  const resources = await plainFolderResources(loader.tree, loader.root);
  const kustomization = { ...modernize({}), resources };
  return {
    build,
    loader,
    kustomization,
    bytes: 0,
    context: { file: loader.root || ".", chain: [...from.chain] },
    ...from,
  };
}

/** The kustomization files of a directory; there should be one. */
export async function kustomizationFiles(loader: Loader): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of kustomizationNames) {
    const found = await findPath(loader.tree, loader.root === "" ? name : `${loader.root}/${name}`);
    if (found?.entry.kind === "file") files.push(found.path);
  }
  return files;
}

async function findKustomization(loader: Loader, chain: readonly string[]): Promise<string> {
  const files = await kustomizationFiles(loader);
  const [file] = files;
  if (file !== undefined && files.length === 1) return file;
  if (file !== undefined) {
    throw new Failure("KustomizationInvalid", {
      message: `Found multiple kustomization files under '${loader.root || "."}': ${files.join(", ")}`,
      file,
      chain,
      hint: "keep one of them",
    });
  }
  throw new Failure("PathNotFound", {
    message: `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root || "."}'`,
    chain,
  });
}

async function chooseSchema({ build, loader, kustomization, context }: KustomizationScope): Promise<void> {
  const path = kustomization.openapi?.get("path");
  const version = kustomization.openapi?.get("version") || undefined;
  if (version !== undefined && version !== "v1.21.2") {
    throw new Failure("KustomizationInvalid", {
      message: `the specified OpenAPI version is not built in: ${version}`,
      field: "openapi.version",
      hint: "only v1.21.2 is; you can set openapi.path to your own schema",
      ...context,
    });
  }
  if (path === undefined) return build.schemas.choose(version === undefined ? {} : { version });
  if (version !== undefined) {
    throw new Failure("KustomizationInvalid", {
      message: "builtin version and custom schema provided, cannot use both",
      field: "openapi",
      ...context,
    });
  }
  const file = await loadFile(loader, path);
  build.schemas.choose({ document: parseSettings(file.content, file.path)?.value ?? {} });
}
