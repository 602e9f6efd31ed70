/** One change of a document: a string set at a path of keys, made where it is missing; a key removed; a key renamed. */
export type Edit =
  | { readonly type: "set"; readonly path: readonly string[]; readonly value: string }
  | { readonly type: "remove"; readonly path: readonly string[] }
  | { readonly type: "rename"; readonly path: readonly string[]; readonly name: string };
