import { type Behavior, metaTexts, type Resource, setMetaTexts } from "../resource/resource.ts";

const prefix = "internal.config.kubernetes.io/";

/** Annotations that kustomize uses while it builds, and takes away at the end. */
const transient = new Set([
  ...["previousKinds", "previousNames", "previousNamespaces", "prefixes", "suffixes", "allowNameChange"].map(own),
  ...["allowKindChange", "refBy", "generatorBehavior", "needsHashSuffix", "helm-generated"].map(own),
  ...["path", "index", "seqindent", "id", "annotations-migration-resource-id"].map(own),
  "config.kubernetes.io/path",
  "config.kubernetes.io/index",
  "config.k8s.io/id",
]);

function own(name: string): string {
  return prefix + name;
}

/**
 * Takes from an object the annotations by which kustomize would keep notes about it, so that what someone left in a
 * file means here what it means there.
 */
export function absorbBuildAnnotations(resource: Resource): void {
  const metadata = resource.value.metadata;
  if (typeof metadata !== "object" || metadata === null || !("annotations" in metadata)) return;
  const annotations = metaTexts(resource, "annotations");
  if (![...annotations.keys()].some((key) => transient.has(key))) return;
  const list = (name: string) => annotations.get(own(name))?.split(",") ?? [];
  const names = list("previousNames");
  const namespaces = list("previousNamespaces");
  const kinds = list("previousKinds");
  if (names.length === namespaces.length && names.length === kinds.length) {
    resource.former = names.map((name, index) => ({
      name,
      namespace: namespaces[index] ?? "",
      kind: kinds[index] ?? "",
    }));
  }
  resource.prefixes = list("prefixes");
  resource.suffixes = list("suffixes");
  resource.behavior = parseBehavior(annotations.get(own("generatorBehavior")));
  resource.generated = annotations.has(own("generatorBehavior"));
  resource.needsHash = annotations.get(own("needsHashSuffix")) === "enabled";
  resource.fromHelm = annotations.get(own("helm-generated")) === "true";
  for (const key of transient) annotations.delete(key);
  setMetaTexts(resource, "annotations", annotations);
}

/** The annotations by which kustomize keeps its notes about an object while it builds. */
export function buildAnnotations(resource: Resource): ReadonlyMap<string, string> {
  const { former, prefixes, suffixes } = resource;
  const lists = [
    ["previousKinds", former.map(({ kind }) => kind)],
    ["previousNames", former.map(({ name }) => name)],
    ["previousNamespaces", former.map(({ namespace }) => namespace)],
    ["prefixes", prefixes],
    ["suffixes", suffixes],
  ] as const;
  const notes = lists.filter(([, list]) => list.length > 0).map(([name, list]) => [name, list.join(",")] as const);
  return new Map(
    [
      ...notes,
      ...(resource.generated ? [["generatorBehavior", resource.behavior] as const] : []),
      ...(resource.needsHash ? [["needsHashSuffix", "enabled"] as const] : []),
      ...(resource.fromHelm ? [["helm-generated", "true"] as const] : []),
    ].map(([name, text]) => [own(name), text] as const),
  );
}

/** Whether an annotation is one of those notes. */
export const isBuildAnnotation = (key: string): boolean => transient.has(key);

/** The behavior a word stands for; a word that stands for none counts as none. */
export function parseBehavior(word: string | undefined): Behavior {
  return word === "create" || word === "replace" || word === "merge" ? word : "unspecified";
}
