export { builtinSchema } from "./builtin.ts";
export { type CrdField, crdReferences } from "./crd-references.ts";
export { customSchema } from "./custom.ts";
export type { SchemaNode, SchemaSet } from "./schema.ts";
