import { Failure } from "../../model/failure.ts";
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
import type { Location } from "./location.ts";

const originKey = "config.kubernetes.io/origin";
const transformationsKey = "alpha.config.kubernetes.io/transformations";

/** Who made or changed an object: a field of a kustomization, or the configuration of a plugin. */
export interface ConfiguredBy {
  readonly configuredIn: Location;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string;
}

/**
 * Notes on an object the file it came from, as `buildMetadata: [originAnnotations]` shows it. Throws `Failure` (RenderFailed)
 * where annotations are no map.
 */
export function noteOrigin(resource: Resource, { path, ...repository }: Location): void {
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
export function originOf(annotations: ReadonlyMap<string, string>): Location | undefined {
  const note = annotations.get(originKey) ?? "";
  const [path, repo, ref] = ["path", "repo", "ref"].map((key) => new RegExp(`^${key}: (.*)$`, "m").exec(note)?.[1]);
  if (path === undefined) return undefined;
  return { path, ...(repo === undefined ? {} : { repo }), ...(ref === undefined ? {} : { ref }) };
}

function repositoryLines({ repo, ref }: Omit<Location, "path">): string[] {
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
