/**
 * A schema in the generated table: the index of a definition, the name of a scalar type (`object` where nothing is known
 * of the members, empty where nothing is known at all), a list or a mapping.
 */
export type TableNode = number | string | TableList | TableMap;

/** A list, with the strategic-merge facts kustomize goes by. */
export interface TableList {
  readonly items?: TableNode;
  readonly strategy?: string;
  readonly keys?: readonly string[];
}

/** A mapping with known fields, or with values of one kind under any name, or both. */
export interface TableMap {
  readonly fields?: Readonly<Record<string, TableNode>>;
  readonly values?: TableNode;
}

/** The generated table; kinds are named `apps/v1/Deployment`. */
export interface Table {
  /** The definition of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Whether a kind has a namespace, where kustomize knows. */
  readonly namespaced: Readonly<Record<string, boolean>>;
  /** The name of each definition, for the schemas of others that refer to it. */
  readonly names: readonly string[];
  readonly definitions: readonly TableNode[];
}
