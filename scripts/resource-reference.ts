import { isObject, type JsonObject, listAt, numberAt, objectAt, stringAt, valueAt } from "../src/model/json/json.ts";

/** The reference of a custom resource, in Markdown, from its CustomResourceDefinition: every field in a table. */
export function resourceReference(crd: JsonObject): string {
  const version = listAt(crd, "spec", "versions")[0];
  const schema = objectAt(version, "schema", "openAPIV3Schema");
  const kind = stringAt(crd, "spec", "names", "kind") ?? "";
  const sections = ["spec", "status"].flatMap((part) => {
    const root = objectAt(schema, "properties", part);
    return [`## ${part}`, stringAt(root, "description") ?? "", table(fieldRows(root, part))];
  });
  const apiVersion = `${stringAt(crd, "spec", "group")}/${stringAt(version, "name")}`;
  return `${[`# ${kind}`, `\`apiVersion: ${apiVersion}\`, \`kind: ${kind}\``, ...sections].join("\n\n")}\n`;
}

type Row = readonly [field: string, type: string, initial: string, meaning: string];

function fieldRows(schema: JsonObject | undefined, path: string): readonly Row[] {
  const required = listAt(schema, "required");
  return Object.entries(objectAt(schema, "properties") ?? {}).flatMap(([name, field]) => {
    const isList = stringAt(field, "type") === "array";
    const place = `${path}.${name}${isList ? "[]" : ""}`;
    const initial = valueAt(field, "default");
    const row: Row = [
      `\`${place}\``,
      `${typeOf(isList ? valueAt(field, "items") : field)}${limitOf(field)}`,
      required.includes(name) ? "required" : plain(initial),
      stringAt(field, "description") ?? "",
    ];
    return [row, ...fieldRows(isList ? objectAt(field, "items") : isObject(field) ? field : undefined, place)];
  });
}

function typeOf(schema: unknown): string {
  const choices = listAt(schema, "enum");
  if (choices.length > 0) return choices.map((choice) => `\`${choice}\``).join(", ");
  const values = stringAt(schema, "additionalProperties", "type");
  return values === undefined ? (stringAt(schema, "type") ?? "any") : `map of ${values}`;
}

/** How many characters, items or entries a field has room for. */
function limitOf(schema: unknown): string {
  if (isObject(schema) && schema.properties !== undefined) return "";
  const limit = ["maxItems", "maxProperties", "maxLength"].map((name) => numberAt(schema, name)).find(Boolean);
  return limit === undefined ? "" : `, up to ${limit}`;
}

/** A default worth showing; an empty object only says that the defaults within it hold. */
function plain(value: unknown): string {
  if (value === undefined || (isObject(value) && Object.keys(value).length === 0)) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function table(rows: readonly Row[]): string {
  const safe = (cell: string) => cell.replaceAll("|", "\\|").replaceAll("<", "&lt;");
  const lines = rows.map((cells) => `| ${cells.map(safe).join(" | ")} |`);
  return ["| Field | Type | Default | Meaning |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
