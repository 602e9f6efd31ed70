import { type Rendered, renderTemplate, type TemplateOptions } from "../../template/index.ts";

/** Data templates by the names of the items that they become, and the values that they are rendered over. */
export interface DataTemplates {
  readonly templates: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/**
 * What a data template renders to, or why it does not. Whoever wrote the template may not be allowed to see the values, so
 * `problem` does not depend on them; `detail` does, and is only for somebody who may see them.
 */
export type RenderedItem = { readonly text: Buffer } | { readonly problem: string; readonly detail?: string };

/** Renders data templates: the result by item name. */
export type RenderTemplates = (data: DataTemplates) => Promise<ReadonlyMap<string, RenderedItem>>;

/** A Secret holds 1 MiB; whoever wrote a template does not get to use much more than that. */
const options: TemplateOptions = {
  limits: { output: 4 * 1024 * 1024, iterations: 100_000, intermediate: 16 * 1024 * 1024 },
  hidesValues: true,
};

/** Renders them in this process. */
export const renderTemplatesHere: RenderTemplates = async ({ templates, values }) => {
  const buffers = new Map([...values].map(([name, bytes]) => [name, Buffer.from(bytes)]));
  return new Map(
    [...templates].map(([name, source]) => [name, hidden(renderTemplate(Buffer.from(source), buffers, options))]),
  );
};

/** The values decided which branch failed, so every failure over them gets the same message. */
function hidden(rendered: Rendered): RenderedItem {
  if ("text" in rendered) return rendered;
  const { problem, overValues } = rendered;
  return overValues ? { problem: "cannot be rendered over the opened values", detail: problem } : { problem };
}
