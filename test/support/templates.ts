import { renderTemplate, type TemplateOptions } from "../../src/template/index.ts";

/** More than any test needs, and nothing to hide. */
export const templateOptions: TemplateOptions = {
  limits: { output: 1 << 20, iterations: 10_000, intermediate: 1 << 20 },
  hidesValues: false,
};

/** The values that templates of the tests are rendered over. */
export const templateValues: Readonly<Record<string, string>> = {
  user: "admin",
  pass: "pä$$ <w&rd>\"'\\\n",
  empty: "",
  csv: "b,a,c,a",
  number: "42",
  "with-dash": "dashed",
  json: '{"b":[1,2.5,"x<y"],"a":null,"t":true}',
};

/**
 * What a template renders to, or its problem behind `! `. Bytes are read as UTF-8.
 */
export function rendered(source: string): string {
  const values = new Map(Object.entries(templateValues).map(([name, value]) => [name, Buffer.from(value)]));
  const result = renderTemplate(Buffer.from(source), values, templateOptions);
  return "text" in result ? result.text.toString() : `! ${result.problem}`;
}
