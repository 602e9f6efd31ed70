import type { Problem } from "../model/failure.ts";
import { isObject } from "../model/json/json.ts";

/** Characters of a spec in all, keys and values. */
const longestSpec = 1_048_576;
/** Nobody reads more of them, and each costs work. */
const mostProblems = 10;

/**
 * What in a value is more than its schema has room for (`maxItems`, `maxProperties`, `maxLength` also of keys), one problem
 * per field; and the whole where it has more than a million characters. The API server says the same where the CRD is of
 * this version; a CRD of before knows no limits. Looks into nothing that is too long, and at each value once; what is of
 * another type than the schema says is not checked here. Characters are Unicode's, as the API server counts them.
 */
export function beyondLimits(schema: unknown, value: unknown, field: string): readonly Problem[] {
  const found = new Beyond();
  found.look(schema, value, field);
  return found.problems;
}

class Beyond {
  readonly problems: Problem[] = [];
  #left = longestSpec;

  look(schema: unknown, value: unknown, field: string): void {
    if (!isObject(schema) || this.problems.length >= mostProblems || this.#left < 0) return;
    if (typeof value === "string") this.#lookAtText(value, field, schema.maxLength);
    else if (Array.isArray(value)) this.#lookAtList(schema, value, field);
    else if (isObject(value)) this.#lookAtMembers(schema, value, field);
  }

  #lookAtText(text: string, field: string, most: unknown): void {
    this.#left -= text.length;
    if (isLonger(text, most)) this.#tell(field, `must not have more than ${most} characters`);
    else if (this.#left < 0) this.#tell("spec", `must not have more than ${longestSpec} characters in all`);
  }

  #lookAtList({ maxItems, items }: Limits, list: readonly unknown[], field: string): void {
    const isTooLong = typeof maxItems === "number" && list.length > maxItems;
    if (isTooLong) this.#tell(field, `must not have more than ${maxItems} items, and has ${list.length}`);
    else for (const [index, item] of list.entries()) this.look(items, item, `${field}[${index}]`);
  }

  #lookAtMembers(schema: Limits, members: Limits, field: string): void {
    const { properties, patternProperties } = schema;
    if (isObject(patternProperties)) this.#lookAtMap(schema, members, field);
    else if (isObject(properties)) {
      for (const [name, inside] of Object.entries(properties)) this.look(inside, members[name], `${field}.${name}`);
    }
  }

  #lookAtMap({ maxProperties, patternProperties, propertyNames }: Limits, map: Limits, field: string): void {
    const entries = Object.entries(map);
    if (typeof maxProperties === "number" && entries.length > maxProperties) {
      this.#tell(field, `must not have more than ${maxProperties} entries, and has ${entries.length}`);
      return;
    }
    const [inside] = isObject(patternProperties) ? Object.values(patternProperties) : [];
    const longest = isObject(propertyNames) ? propertyNames.maxLength : undefined;
    for (const [name, value] of entries) {
      this.#lookAtText(name, `${field}, the key ${name.slice(0, 40)}…`, longest);
      this.look(inside, value, `${field}.${name}`);
    }
  }

  #tell(field: string, message: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ field, message });
  }
}

type Limits = Readonly<Record<string, unknown>>;

/** A text has at most as many characters as code units, and at least half as many. */
function isLonger(text: string, most: unknown): boolean {
  if (typeof most !== "number" || text.length <= most) return false;
  return text.length > 2 * most || [...text].length > most;
}
