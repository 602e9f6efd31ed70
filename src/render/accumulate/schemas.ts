import { builtinSchema, customSchema, type SchemaNode, type SchemaSet } from "../schema/index.ts";

/**
 * The schemas that a build merges by. The first kustomization that names a schema of its own replaces the built-in one
 * for the whole build, as kustomize has it, except for kinds that were looked up before.
 */
export class Schemas {
  readonly #builtin: SchemaSet = builtinSchema();
  #custom: SchemaSet | undefined;
  #builtinInUse = false;
  #chosen = false;

  /** Notes what a kustomization says in `openapi`; only the first one that says anything counts. */
  choose(choice: { readonly version?: string; readonly document?: unknown }): void {
    if (this.#chosen || (choice.version === undefined && choice.document === undefined)) return;
    this.#chosen = true;
    if (choice.document !== undefined) {
      this.#custom = customSchema(choice.document, (name) =>
        this.#builtinInUse ? this.#builtin.definition(name) : undefined,
      );
    }
  }

  /** The schema of a kind; undefined for kinds nobody knows. */
  readonly find = (apiVersion: string, kind: string): SchemaNode | undefined => {
    const custom = this.#custom?.schemaFor(apiVersion, kind);
    if (custom !== undefined || (this.#custom !== undefined && !this.#builtinInUse)) return custom;
    this.#builtinInUse = true;
    return this.#builtin.schemaFor(apiVersion, kind);
  };

  /** Tells whether a kind is known to live outside any namespace. */
  readonly isClusterScoped = (apiVersion: string, kind: string): boolean => {
    const namespaced = this.#builtin.isNamespaced(apiVersion, kind) ?? this.#custom?.isNamespaced(apiVersion, kind);
    if (namespaced === undefined && this.#custom === undefined) this.#builtinInUse = true;
    return namespaced === false;
  };
}
