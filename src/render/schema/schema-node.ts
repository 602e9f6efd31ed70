import type { SchemaNode } from "./schema.ts";

/** What a schema says of a place, before references are followed; `T` is how it names the places below. */
export interface NodeFacts<T> {
  /** The type in OpenAPI's words; anything else means that nothing is known. */
  readonly type: string | undefined;
  readonly fields?: Readonly<Record<string, T>> | undefined;
  readonly values?: T | undefined;
  readonly items?: T | undefined;
  /** Comma-separated, as in `x-kubernetes-patch-strategy`. */
  readonly strategy?: string | undefined;
  readonly keys?: readonly string[] | undefined;
}

const types: Readonly<Record<string, SchemaNode["type"]>> = {
  object: "map",
  array: "list",
  string: "string",
  integer: "integer",
  number: "number",
  boolean: "boolean",
};

/** A schema node over the facts of one place; `follow` gives the node of a place below, and each is made once. */
export function schemaNode<T>(facts: NodeFacts<T>, follow: (below: T) => SchemaNode | undefined): SchemaNode {
  const made = new Map<string, SchemaNode | undefined>();
  const once = (name: string, below: T | undefined): SchemaNode | undefined => {
    if (below === undefined) return undefined;
    if (!made.has(name)) made.set(name, follow(below));
    return made.get(name);
  };
  const values = (): SchemaNode | undefined => once("*", facts.values);
  const { fields } = facts;
  return {
    type: facts.type !== undefined && Object.hasOwn(types, facts.type) ? types[facts.type] : undefined,
    patchStrategies: facts.strategy?.split(",") ?? [],
    mergeKeys: facts.strategy === undefined ? [] : (facts.keys ?? []),
    field: (name) => (fields !== undefined && Object.hasOwn(fields, name) ? once(`.${name}`, fields[name]) : values()),
    items: () => (facts.type === "array" ? once("[]", facts.items) : undefined),
    values,
  };
}
