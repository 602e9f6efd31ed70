export { type Rendered, renderTemplate } from "./render.ts";
