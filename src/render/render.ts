import type { FileTree } from "../model/file-tree.ts";
import type { Origin } from "../model/manifest.ts";
import { plainPath } from "../model/path.ts";
import type { Remotes } from "../model/remote.ts";
import { accumulate, addAll, withContext } from "./accumulate/accumulate.ts";
import type { Accumulation, Build, KustomizationScope } from "./accumulate/build.ts";
import { emptyAccumulation } from "./accumulate/empty.ts";
import { Schemas } from "./accumulate/schemas.ts";
import { openFolder, openTarget } from "./accumulate/target.ts";
import { Budget, countedTree } from "./budget.ts";
import { fieldSpec } from "./fieldspecs/field-spec.ts";
import { finish } from "./finish.ts";
import type { Helm } from "./generate/helm.ts";
import { joinPath } from "./load/paths.ts";
import { startLoader } from "./load/start.ts";
import { type PostRender, withPostRender } from "./post/post-render.ts";
import { substituteVariables } from "./post/substitute.ts";
import { addVerbatim } from "./post/substitute-opened.ts";
import type { Resource } from "./resource/resource.ts";
import { settle } from "./settle.ts";
import { setEntries } from "./transform/labels.ts";
import { cachingTree } from "./tree/caching-tree.ts";
import type { ValueMap } from "./value/value.ts";
import { emitYaml } from "./yaml/index.ts";

/** How a build departs from what `kustomize build` does by default. */
export interface RenderOptions {
  /** `none` lets a kustomization read files outside its own directory. */
  readonly loadRestrictor?: "rootOnly" | "none";
  /** The order of objects, where the kustomization itself does not say. */
  readonly order?: "none" | "legacy";
  /** Labels every object as `buildMetadata: [managedByLabel]` does. */
  readonly managedByLabel?: boolean;
  /**
   * Renders as Flux does a folder without a kustomization (all YAML files in and below it), one whose kustomization lists
   * nothing (nothing), and one above the root (the root).
   */
  readonly plainFolders?: boolean;
  /** What is added to the kustomization, and done to what it comes to. */
  readonly post?: PostRender;
  /** Where in the tree that is which was fetched from elsewhere; see `findRemotes`. What is not there is refused. */
  readonly remotes?: Remotes;
  /** Runs helm, from the root of the tree, and answers with what it printed; without it `helmCharts` are refused. */
  readonly helm?: Helm;
}

/** One object as it comes out of a build. */
export interface RenderedObject {
  readonly value: ValueMap;
  readonly origin: Origin;
  /** Set where values are encrypted and variables are still to be put into them: the object before any were. */
  readonly unsubstituted?: ValueMap;
}

/** What a build comes to. */
export interface Rendered {
  readonly objects: readonly RenderedObject[];
  /** What kustomize would say on standard error. */
  readonly warnings: readonly string[];
}

const metadataLabels = [fieldSpec("metadata/labels", {}, true)];
const metadataAnnotations = [fieldSpec("metadata/annotations", {}, true)];

/** What `buildMetadata: [managedByLabel]` puts on objects: the kustomize whose output this is, byte for byte. */
const managedBy = new Map([["app.kubernetes.io/managed-by", "kustomize-v5.8.2"]]);

/**
 * Builds the kustomization in a directory of a tree, as `kustomize build` does. The same tree, path and options give the
 * same answer; nothing is read but the tree. Throws `Failure` (PathNotFound, PathEscapes, YamlInvalid,
 * KustomizationInvalid, RenderFailed, DuplicateObject, InputTooLarge) with all problems found, each with its place.
 */
export async function render(files: FileTree, path: string, options: RenderOptions = {}): Promise<Rendered> {
  const budget = new Budget();
  const tree = cachingTree(countedTree(files, budget));
  const { loadRestrictor, remotes = new Map() } = options;
  const start = options.plainFolders ? plainPath(path) : joinPath("", path);
  const loader = await startLoader(tree, start, { unrestricted: loadRestrictor === "none", remotes });
  const build: Build = { tree, budget, schemas: new Schemas(), warnings: [], helm: options.helm, metadata: [], addAll };
  const open = options.plainFolders ? openFolder : openTarget;
  const opened = await open(build, loader, { chain: [], location: { path: "" }, helmNamespace: "" });
  const kustomization = withPostRender(opened.kustomization, options.post ?? {});
  const metadata = kustomization.buildMetadata ?? [];
  const target: KustomizationScope = { ...opened, kustomization, build: { ...build, metadata } };
  const accumulation = emptyAccumulation(build);
  await accumulate(target, accumulation);
  await withContext(target, () => complete(target, accumulation, options));
  budget.weigh(accumulation.set.resources.map(({ value }) => value));
  return { objects: accumulation.set.resources.map(toRendered), warnings: build.warnings };
}

/** What is done once all kustomizations have come together. */
function complete(target: KustomizationScope, accumulation: Accumulation, options: RenderOptions): void {
  const { set } = accumulation;
  const { metadata, warnings } = target.build;
  warnings.push(...finish(accumulation, target.kustomization, options.order));
  if (options.managedByLabel || metadata.includes("managedByLabel")) setEntries(set, managedBy, metadataLabels);
  settle(set, metadata);
  const { substitute, commonMetadata = {} } = options.post ?? {};
  if (substitute !== undefined) substituteVariables(set, substitute);
  setEntries(set, new Map(Object.entries(commonMetadata.labels ?? {})), metadataLabels);
  setEntries(set, new Map(Object.entries(commonMetadata.annotations ?? {})), metadataAnnotations);
  for (const { unsubstituted } of set.resources) if (unsubstituted) addVerbatim(unsubstituted, commonMetadata);
}

function toRendered({ value, origin, unsubstituted }: Resource): RenderedObject {
  return { value, origin, ...(unsubstituted === undefined ? {} : { unsubstituted }) };
}

/** The bytes that `kustomize build` prints. */
export function renderYaml(rendered: Rendered): string {
  return rendered.objects.map(({ value }) => emitYaml(value)).join("---\n");
}
