export { type Rendered, renderTemplate } from "./render.ts";
export { type TakenItems, takenItems } from "./syntax/items.ts";
