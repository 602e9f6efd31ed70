export { builtinSchema } from "./builtin.ts";
export { type CrdField, type CrdNameReference, type CrdReferences, crdReferences } from "./crd-references.ts";
export { customSchema } from "./custom.ts";
export type { SchemaNode, SchemaSet } from "./schema.ts";
