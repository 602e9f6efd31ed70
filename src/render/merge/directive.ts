import { hasNoKeys, isMap, textOf, type Value, type ValueMap } from "../value/value.ts";
import { MergeConflict } from "./merge-conflict.ts";

/** What `$patch` in a strategic-merge patch asks for. */
export type Directive = "delete" | "replace" | "merge";

const KEY = "$patch";

/** The directive of a map of a patch, taken out of it; `merge` where there is none. */
export function mapDirective(patch: ValueMap, path: readonly string[]): Directive {
  if (!(KEY in patch)) return "merge";
  const directive = parse(patch[KEY], path);
  delete patch[KEY];
  return directive;
}

/**
 * The directive of a list of a patch, and the list without it. It stands in an element of its own, the first that has
 * `$patch`; where that element has other keys the directive is the element's, not the list's.
 */
export function listDirective(
  patch: Value[],
  path: readonly string[],
): { readonly directive: Directive; readonly rest: Value[] } {
  const first = patch.find((element): element is ValueMap => isMap(element) && KEY in element);
  if (first === undefined || Object.keys(first).length > 1) return { directive: "merge", rest: patch };
  const directive = parse(first[KEY], path);
  const rest = patch.filter(
    (element) => element !== null && !(isMap(element) && (hasNoKeys(element) || textOf(element[KEY]) === directive)),
  );
  return { directive, rest };
}

function parse(value: Value | undefined, path: readonly string[]): Directive {
  const text = textOf(value);
  if (text === "delete" || text === "replace" || text === "merge") return text;
  throw new MergeConflict(`unknown patch strategy '${text}': $patch is delete, replace or merge`, path);
}
