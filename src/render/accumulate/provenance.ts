import { Failure } from "../../model/failure.ts";
import { joinPath } from "../load/paths.ts";
import { remoteRepository } from "../load/remote.ts";
import {
  childMap,
  isDeleted,
  kindOf,
  metadataOf,
  metaTexts,
  nameOf,
  type Resource,
  setMetaTexts,
} from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { isList, isScalar, nodeKind, putMember } from "../value/value.ts";
import { emitYaml } from "../yaml/index.ts";
import type { KustomizationScope } from "./build.ts";

const originKey = "config.kubernetes.io/origin";
const transformationsKey = "alpha.config.kubernetes.io/transformations";

/** Where something is, as the outermost kustomization reaches it. */
export interface Reached {
  readonly path: string;
  /** Where it is in another repository: what that is cloned from. */
  readonly repo?: string;
  readonly ref?: string;
}

/** Who made or changed an object: a field of a kustomization, or the configuration of a plugin. */
export interface ConfiguredBy {
  readonly configuredIn: Reached;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Notes on an object the file it came from, as `buildMetadata: [originAnnotations]` shows it. Throws `Failure` (RenderFailed)
 * where annotations are no map.
 */
export function noteOrigin(resource: Resource, { path, ...repository }: Reached): void {
  const metadata = metadataOf(resource);
  const { annotations } = metadata;
  if (isList(annotations) || isScalar(annotations)) {
    throw new Failure("RenderFailed", {
      message: `annotations must be a map, found ${nodeKind(annotations)}`,
      object: `${kindOf(resource)}/${nameOf(resource)}`,
      field: "metadata.annotations",
      ...resource.origin,
    });
  }
  const text = [`path: ${plain(path)}\n`, ...repositoryLines(repository)].join("");
  putMember(childMap(metadata, "annotations"), originKey, text);
}

/** Notes on an object who generated it, unless it says already where it came from. */
export function noteGenerator(resource: Resource, by: ConfiguredBy): void {
  if (!metaTexts(resource, "annotations").has(originKey)) annotate(resource, originKey, lines(by).join(""));
}

/** Notes on every object that a transformer changed it; on one that has no origin, that it made it. */
export function noteTransformer(set: ResourceSet, by: ConfiguredBy): void {
  for (const resource of set.resources) {
    if (isDeleted(resource)) continue;
    const annotations = metaTexts(resource, "annotations");
    if (!annotations.has(originKey)) {
      annotate(resource, originKey, lines(by).join(""));
      continue;
    }
    const entry = lines(by).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
    annotate(resource, transformationsKey, `${annotations.get(transformationsKey) ?? ""}${entry.join("")}`);
  }
}

/** Takes the notes away that the kustomization did not ask for. */
export function keepNotes(resource: Resource, metadata: readonly string[]): void {
  const annotations = metaTexts(resource, "annotations");
  if (!metadata.includes("originAnnotations")) annotations.delete(originKey);
  if (!metadata.includes("transformerAnnotations")) annotations.delete(transformationsKey);
  setMetaTexts(resource, "annotations", annotations);
}

/** What the note says about where an object came from. */
export function originOf(annotations: ReadonlyMap<string, string>): Reached | undefined {
  const note = annotations.get(originKey) ?? "";
  const [path, repo, ref] = ["path", "repo", "ref"].map((key) => new RegExp(`^${key}: (.*)$`, "m").exec(note)?.[1]);
  if (path === undefined) return undefined;
  return { path, ...(repo === undefined ? {} : { repo }), ...(ref === undefined ? {} : { ref }) };
}

/** The kustomization's own file as `buildMetadata` names it. */
export function ownPath({ reached, context }: KustomizationScope): Reached {
  return reach(reached, context.file.slice(context.file.lastIndexOf("/") + 1));
}

/** What kustomize calls the root of a repository that it has not cloned yet, and so in its notes. */
const unclonedRoot = "notCloned";

/** A path reached from another. Source: Append in sigs.k8s.io/kustomize/api/resource/origin.go. */
export function reach(from: Reached, path: string): Reached {
  const repository = remoteRepository(path);
  if (repository === undefined) return { ...from, path: joinFreely(from.path, path) };
  const { url: repo, ref } = repository;
  return { path: joinFreely("", repository.path) || unclonedRoot, repo, ...(ref === "" ? {} : { ref }) };
}

function joinFreely(from: string, path: string): string {
  const joined = joinPath(from, path);
  if (joined !== undefined) return joined;
  const parts = from === "" ? [] : from.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    const last = parts.at(-1);
    if (part === ".." && last !== undefined && last !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function repositoryLines({ repo, ref }: Omit<Reached, "path">): string[] {
  const lines = [repo === undefined ? "" : `repo: ${plain(repo)}\n`, ref === undefined ? "" : `ref: ${plain(ref)}\n`];
  return lines.filter((line) => line !== "");
}

function annotate(resource: Resource, key: string, text: string): void {
  setMetaTexts(resource, "annotations", metaTexts(resource, "annotations").set(key, text));
}

function lines(by: ConfiguredBy): string[] {
  const identity = [
    `apiVersion: ${plain(by.apiVersion)}`,
    `kind: ${plain(by.kind)}`,
    ...(by.name ? [`name: ${plain(by.name)}`] : []),
    ...(by.namespace ? [`namespace: ${plain(by.namespace)}`] : []),
  ];
  const { path, ...repository } = by.configuredIn;
  return [
    ...repositoryLines(repository),
    `configuredIn: ${plain(path)}\n`,
    "configuredBy:\n",
    ...identity.map((line) => `  ${line}\n`),
  ];
}

/** A scalar as YAML, without the line break. */
function plain(text: string): string {
  return emitYaml(text).trimEnd();
}
