export { type TakenItems, takenItems } from "./items.ts";
export { type Rendered, renderTemplate } from "./render.ts";
export { type DataTemplates, type RenderTemplates, renderTemplatesHere } from "./render-all.ts";
