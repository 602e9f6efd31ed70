import { isObject, listAt, objectAt, stringAt } from "../../model/json/json.ts";
import type { SchemaNode, SchemaSet } from "./schema.ts";
import { type NodeFacts, schemaNode } from "./schema-node.ts";

/**
 * The kinds of an OpenAPI document that a kustomization names in `openapi: path`: those of its `definitions` that carry
 * `x-kubernetes-group-version-kind`, and the scope of those that its `paths` serve. What is not a schema is left out.
 * Where a kustomization names a document, kustomize does not look at its own schema any more, except for kinds that it had
 * to look up before; references to definitions that the document lacks are therefore followed `elsewhere`.
 * Source: kyaml openapi/openapi.go `AddDefinitions`, `findNamespaceability`.
 */
export function customSchema(
  document: unknown,
  elsewhere: (name: string) => SchemaNode | undefined = () => undefined,
): SchemaSet {
  const definitions = objectAt(document, "definitions") ?? {};
  const kinds = new Map<string, string>();
  for (const [name, schema] of Object.entries(definitions)) {
    for (const kind of listAt(schema, "x-kubernetes-group-version-kind")) kinds.set(kindName(kind), name);
  }
  const scopes = namespacedKinds(document);
  const nodes = new Map<string, SchemaNode | undefined>();
  const definition = (name: string): SchemaNode | undefined => {
    if (!nodes.has(name)) {
      nodes.set(name, undefined); // a definition that refers to itself alone is no schema
      nodes.set(name, Object.hasOwn(definitions, name) ? follow(definitions[name]) : elsewhere(name));
    }
    return nodes.get(name);
  };
  const follow = (schema: unknown): SchemaNode | undefined => {
    const reference = stringAt(schema, "$ref");
    if (reference !== undefined) return definition(reference.replace(/^#\/definitions\//, ""));
    return isObject(schema) ? schemaNode(factsOf(schema), follow) : undefined;
  };
  return {
    schemaFor: (apiVersion, kind) => {
      const name = kinds.get(`${apiVersion}/${kind}`);
      return name === undefined ? undefined : definition(name);
    },
    isNamespaced: (apiVersion, kind) => scopes.get(`${apiVersion}/${kind}`),
    definition,
  };
}

function kindName(kind: unknown): string {
  const group = stringAt(kind, "group") ?? "";
  const version = stringAt(kind, "version") ?? "";
  return `${group === "" ? version : `${group}/${version}`}/${stringAt(kind, "kind") ?? ""}`;
}

function factsOf(schema: unknown): NodeFacts<unknown> {
  const keys = listAt(schema, "x-kubernetes-list-map-keys").filter((key) => typeof key === "string");
  const mergeKey = stringAt(schema, "x-kubernetes-patch-merge-key");
  return {
    type: stringAt(schema, "type"),
    fields: objectAt(schema, "properties"),
    values: objectAt(schema, "additionalProperties"),
    items: objectAt(schema, "items"),
    strategy: stringAt(schema, "x-kubernetes-patch-strategy"),
    keys: keys.length > 0 ? keys : [mergeKey ?? []].flat(),
  };
}

/** A kind is namespaced where any path that reads it names a namespace. */
function namespacedKinds(document: unknown): ReadonlyMap<string, boolean> {
  const scopes = new Map<string, boolean>();
  for (const [path, operations] of Object.entries(objectAt(document, "paths") ?? {})) {
    const kind = objectAt(operations, "get", "x-kubernetes-group-version-kind");
    if (kind === undefined) continue;
    const name = kindName(kind);
    scopes.set(name, path.includes("namespaces/{namespace}") || scopes.get(name) === true);
  }
  return scopes;
}
