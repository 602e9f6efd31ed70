import { templateError } from "../value.ts";
import type { TemplateFunction } from "./arguments.ts";
import { collections } from "./collections.ts";
import { comparisons } from "./compare.ts";
import { encodings } from "./encodings.ts";
import { numbers } from "./numbers.ts";
import { texts } from "./texts.ts";

const functions: ReadonlyMap<string, TemplateFunction> = new Map([
  ...Object.entries(comparisons),
  ...Object.entries(texts),
  ...Object.entries(encodings),
  ...Object.entries(numbers),
  ...Object.entries(collections),
]);

/** The function of a name, of Go's own or of sprig's. Throws `templateError` naming one that is not supported. */
export function functionNamed(name: string): TemplateFunction {
  const found = functions.get(name);
  if (found === undefined) throw templateError(`the function "${name}" is not supported in templates`);
  return found;
}
