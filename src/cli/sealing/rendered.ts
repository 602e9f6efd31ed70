import { existsSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { parseAllDocuments } from "yaml";
import { type Environment, readEnvironment, stagesOf } from "../../api/environment/environment.ts";
import { desiredStages, inlineVariables } from "../../environment/index.ts";
import { Failure, type Problem, toFailure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { isObject, type JsonObject, listAt, stringAt } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import { plainPath } from "../../model/path.ts";
import { createStageRenderer, findStageRemotes } from "../../rollout/index.ts";
import { isSealedSecret, parseManifests } from "../../seal/index.ts";
import { directoryTree } from "../../source/index.ts";
import type { Context } from "../command/command.ts";
import { newEnvironment } from "../environment/preview.ts";
import { openCheckout } from "../repository/checkout.ts";
import { type Found, filesNamed } from "./files/walk.ts";

/** The SealedSecrets of an overlay as they are rendered, which is as the agent opens them. */
export interface RenderedOverlay {
  /** What it is called in messages: a folder, or an Environment. */
  readonly name: string;
  /** Its folder, from the directory the command runs in. */
  readonly folder: string;
  /** With files from the directory the command runs in. */
  readonly sealed: readonly Manifest[];
  /** Why it could not be rendered. */
  readonly problem: Problem | undefined;
  /** All that it is made of is here, so that what keeps it from being rendered is wrong here. */
  readonly isWhole: boolean;
}

/**
 * Renders every overlay under the paths: what an Environment in one of the files renders, with what its spec adds, and
 * each kustomization that no other one uses. Whatever they take from elsewhere is not fetched.
 */
export async function renderOverlays(
  context: Pick<Context, "cwd" | "signal">,
  paths: readonly string[],
  files: readonly Found[],
): Promise<readonly RenderedOverlay[]> {
  const checkout = await openCheckout(".", context.cwd);
  const root = existsSync(join(checkout.root, ".git")) ? checkout.root : resolve(context.cwd);
  const at = { root, cwd: context.cwd, tree: directoryTree(root), signal: context.signal };
  const environments = await environmentsIn(files, at.tree);
  const followed = new Set(environments.flatMap(({ spec }) => stagesOf(spec).map(({ path }) => plainPath(path))));
  const folders = (await overlayFolders(context, paths, root)).filter((folder) => !followed.has(folder));
  const overlays: RenderedOverlay[] = [];
  for (const environment of environments) {
    const folder = plainPath(stagesOf(environment.spec)[0]?.path ?? "");
    overlays.push(await renderOverlay(environment, { name: `Environment ${environment.metadata.name}`, folder }, at));
  }
  for (const folder of folders) {
    const name = relative(context.cwd, join(root, folder)) || ".";
    overlays.push(await renderOverlay(newEnvironment("default", { root, path: folder }), { name, folder }, at));
  }
  return overlays;
}

interface Place {
  readonly root: string;
  readonly cwd: string;
  readonly tree: FileTree;
  readonly signal: AbortSignal;
}

async function renderOverlay(
  environment: Environment,
  { name, folder }: { readonly name: string; readonly folder: string },
  { root, cwd, tree, signal }: Place,
): Promise<RenderedOverlay> {
  const seen = (file: string) => relative(cwd, join(root, file)) || ".";
  const { spec } = environment;
  const elsewhere = await findStageRemotes(tree, spec, new Map());
  const isWhole = elsewhere.length === 0 && (spec.postBuild?.substituteFrom ?? []).length === 0;
  const overlay = { name, folder: seen(folder), isWhole };
  try {
    const tools = { render: createStageRenderer(), variables: inlineVariables, sops: undefined };
    const stages = await desiredStages(environment, { tree, remotes: new Map() }, tools, signal);
    const manifests = stages.flatMap((stage) => stage.manifests).filter(({ object }) => isSealedSecret(object));
    const sealed = manifests.map((manifest) => {
      return { ...manifest, origin: { ...manifest.origin, file: seen(manifest.origin.file) } };
    });
    return { ...overlay, sealed, problem: undefined };
  } catch (thrown) {
    signal.throwIfAborted();
    const [problem] = toFailure(thrown).problems;
    if (problem === undefined) throw thrown;
    const file = problem.file === undefined ? {} : { file: seen(problem.file) };
    return { ...overlay, sealed: [], problem: { ...problem, ...file } };
  }
}

/** The Environments in files whose folders are in the tree; what is none is for others to report. */
async function environmentsIn(files: readonly Found[], tree: FileTree): Promise<readonly Environment[]> {
  const found: Environment[] = [];
  for (const { path, text } of files) {
    if (!/\bEnvironment\b/.test(text) || !text.includes("mooring.dev/")) continue;
    for (const environment of readableEnvironments(path, text)) {
      const entries = await Promise.all(stagesOf(environment.spec).map((stage) => tree.entry(plainPath(stage.path))));
      if (entries.every((entry) => entry?.kind === "directory")) found.push(environment);
    }
  }
  return found;
}

function readableEnvironments(path: string, text: string): readonly Environment[] {
  try {
    const objects = parseManifests(text, path).map(({ object }) => object);
    return objects
      .filter(({ apiVersion, kind }) => kind === "Environment" && apiVersion.startsWith("mooring.dev/"))
      .map((object) => readEnvironment(object));
  } catch (thrown) {
    if (thrown instanceof Failure) return [];
    throw thrown;
  }
}

const kustomizations = new Set(["kustomization.yaml", "kustomization.yml", "Kustomization"]);

/** The folders of kustomizations that no other one uses, from the root. */
async function overlayFolders(
  context: Pick<Context, "cwd">,
  paths: readonly string[],
  root: string,
): Promise<readonly string[]> {
  const files = await filesNamed(context, paths, (name) => kustomizations.has(name));
  const used = new Set<string>();
  const own: string[] = [];
  for (const { path, text } of files) {
    if (!kustomizations.has(posix.basename(path))) continue;
    const folder = relative(root, resolve(context.cwd, dirname(path)))
      .split(sep)
      .join("/");
    const [document] = parseAllDocuments(text, { strict: false });
    const value: unknown = document !== undefined && document.errors.length === 0 ? document.toJS() : undefined;
    if (!isObject(value)) continue;
    if (stringAt(value, "kind") !== "Component") own.push(folder);
    for (const path of foldersIn(value, folder)) used.add(path);
  }
  return own.filter((folder) => !used.has(folder));
}

/** What a kustomization takes from within the repository. */
function foldersIn(kustomization: JsonObject, folder: string): readonly string[] {
  return ["resources", "bases", "components"]
    .flatMap((field) => listAt(kustomization, field))
    .filter((entry) => typeof entry === "string")
    .map((entry) => posix.join(folder, entry))
    .filter((path) => path.split("/")[0] !== "..")
    .map(plainPath);
}
