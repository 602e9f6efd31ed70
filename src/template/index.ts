export type { TemplateLimits, TemplateOptions } from "./functions/arguments.ts";
export { referencedKeys } from "./references.ts";
export { type Rendered, renderTemplate } from "./render.ts";
