import type { FileTree } from "../../model/file-tree.ts";
import { kustomizationNames } from "../kustomization/read.ts";
import { findPath } from "./paths.ts";

/** Files of other tools that are YAML and no objects; Flux leaves them out too. */
const otherTools = new Set(["appveyor.yml", "cloudbuild.yaml", "codeship-services.yml", "codeship-steps.yml"]);

/**
 * What a folder without a kustomization holds, as a kustomization would list it: its YAML files, those of the folders in
 * it, and those of them that have a kustomization. Hidden files and folders are left out.
 * Source: github.com/fluxcd/pkg/kustomize/kustomize_generator.go.
 */
export async function plainFolderResources(tree: FileTree, root: string): Promise<readonly string[]> {
  return list(tree, root, "");
}

async function list(tree: FileTree, root: string, below: string): Promise<readonly string[]> {
  const directory = join(root, below);
  const found: string[] = [];
  for (const name of await tree.list(directory)) {
    if (name.startsWith(".")) continue;
    const path = join(below, name);
    const entry = await tree.entry(join(root, path));
    if (entry?.kind === "directory") {
      if (await hasKustomization(tree, join(root, path))) found.push(path);
      else found.push(...(await list(tree, root, path)));
    } else if (/\.ya?ml$/.test(name) && !otherTools.has(name)) {
      if ((await findPath(tree, join(root, path)))?.entry.kind === "file") found.push(path);
    }
  }
  return found;
}

async function hasKustomization(tree: FileTree, directory: string): Promise<boolean> {
  for (const name of kustomizationNames) {
    if ((await findPath(tree, join(directory, name)))?.entry.kind === "file") return true;
  }
  return false;
}

const join = (directory: string, name: string) => [directory, name].filter((part) => part !== "").join("/");
