/** What identifies an object within a build. `namespace` is as written, so empty where the object names none. */
export interface ResId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Known from the schema to live outside any namespace. Kinds nobody knows count as namespaced. */
  readonly clusterScoped: boolean;
}

/** The group, version and kind that a rule asks for; what is empty or absent matches anything. */
export interface GvkPattern {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** The word that stands for the namespace of an object that has none. */
export const CLUSTER = "_non_namespaceable_";

/** The group and version of an apiVersion: `["apps", "v1"]` of `apps/v1`, `["", "v1"]` of `v1`. */
export function splitApiVersion(apiVersion: string): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

/** The namespace that counts when objects are compared: `default` where none is written, `CLUSTER` outside any. */
export function effectiveNamespace(id: ResId): string {
  if (id.clusterScoped) return CLUSTER;
  return id.namespace === "" ? "default" : id.namespace;
}

/** A text that is equal for two ids exactly when kustomize takes them for the same object. */
export function idKey(id: ResId): string {
  return `${effectiveNamespace(id)}|${id.group}|${id.version}|${id.kind}|${id.name}`;
}

/** Tells whether an id is of a kind that a rule asks for. */
export function isSelected(id: GvkPattern, pattern: GvkPattern): boolean {
  return (
    (!pattern.group || pattern.group === id.group) &&
    (!pattern.version || pattern.version === id.version) &&
    (!pattern.kind || pattern.kind === id.kind)
  );
}

/** `Deployment.v1.apps`, with kustomize's words for what is empty. */
export function formatGvk(gvk: GvkPattern): string {
  return `${gvk.kind || "[noKind]"}.${gvk.version || "[noVer]"}.${gvk.group || "[noGrp]"}`;
}

/** `Deployment.v1.apps/web.shop`: how kustomize names an object in messages. */
export function formatResId(id: ResId): string {
  return `${formatGvk(id)}/${id.name || "[noName]"}.${id.namespace || "[noNs]"}`;
}

/** `Deployment/shop/web`: how Mooring names an object in messages. */
export function describeResId(id: ResId): string {
  const outside = id.clusterScoped || id.namespace === "" || id.namespace === CLUSTER;
  return outside ? `${id.kind}/${id.name}` : `${id.kind}/${id.namespace}/${id.name}`;
}
