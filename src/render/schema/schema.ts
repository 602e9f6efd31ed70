/** What a field may hold, as far as merging has to know. Nodes are values: the same place gives the same node. */
export interface SchemaNode {
  /** `map`, `list`, the name of a scalar type, or undefined where the schema does not say. */
  readonly type: "map" | "list" | "string" | "integer" | "number" | "boolean" | undefined;
  /**
   * How lists are patched: `merge`, `replace`, `retainKeys`, or several; empty where the schema names none, in which case
   * kustomize replaces the list.
   */
  readonly patchStrategies: readonly string[];
  /** The fields that identify an item of a merged list, the first one foremost; empty for lists of scalars. */
  readonly mergeKeys: readonly string[];
  /** The schema of a member of a mapping: its own where it has one, otherwise that of any value. */
  field(name: string): SchemaNode | undefined;
  /** The schema of the items of a list. */
  items(): SchemaNode | undefined;
  /** The schema of the values of a mapping whose keys are free. */
  values(): SchemaNode | undefined;
}

/** The kinds that are known, from one source. A value: it is passed to whoever merges. */
export interface SchemaSet {
  /** The schema of a kind, or undefined where the set does not have it. */
  schemaFor(apiVersion: string, kind: string): SchemaNode | undefined;
  /** Whether a kind lives in a namespace, or undefined where the set cannot tell. */
  isNamespaced(apiVersion: string, kind: string): boolean | undefined;
  /** The schema of a definition by its name in OpenAPI, or undefined where the set does not have it. */
  definition(name: string): SchemaNode | undefined;
}
