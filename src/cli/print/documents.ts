import { writeJson } from "../../model/json/json.ts";
/** The values of `-o` that print whole objects. */
export const documentFormats = ["json", "yaml"] as const;

/** How to print whole objects. */
export type DocumentFormat = (typeof documentFormats)[number];

/**
 * An object as kubectl prints it: JSON indented by four spaces, or YAML, in which texts stay texts for readers of YAML 1.1
 * too, as kubectl and kubeseal are. The YAML library is loaded when it is needed.
 */
export async function formatDocument(value: object, format: DocumentFormat): Promise<string> {
  if (format === "json") return `${writeJson(value, 4)}\n`;
  const { stringify } = await import("yaml");
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" });
}

/** Objects as kubectl prints several: one `List`. */
export function listOf(items: readonly object[]): object {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}
