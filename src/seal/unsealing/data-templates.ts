import { type Rendered, renderTemplate } from "../../template/index.ts";

/** Data templates by the names of the items that they become, and the values that they are rendered over. */
export interface DataTemplates {
  readonly templates: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** Renders data templates: what each gives, or why it cannot be rendered, by name. */
export type RenderTemplates = (data: DataTemplates) => Promise<ReadonlyMap<string, Rendered>>;

/** Renders them here and now. */
export const renderTemplatesHere: RenderTemplates = async ({ templates, values }) => {
  const buffers = new Map([...values].map(([name, bytes]) => [name, Buffer.from(bytes)]));
  return new Map([...templates].map(([name, source]) => [name, renderTemplate(Buffer.from(source), buffers)]));
};
