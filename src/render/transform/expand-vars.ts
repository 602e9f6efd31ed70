import { FieldPathMismatch } from "../fieldspecs/apply.ts";
import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { isList, isMap, isScalar, type Value, type ValueMap } from "../value/value.ts";
import { formatFloat, notePlain, spellingOf } from "../yaml/index.ts";
import { changeFields, memberOf, setMember } from "./set-fields.ts";

/**
 * Replaces `$(NAME)` by the values of vars in the fields that the specs lead to; a text that is nothing but one
 * reference becomes the value itself, a number for example. `$$` stands for `$`. References to what is no var stay.
 * Returns the names of the vars that were used.
 * Source: sigs.k8s.io/kustomize/api/filters/refvar.
 */
export function expandVars(
  set: ResourceSet,
  values: ReadonlyMap<string, Value>,
  specs: readonly FieldSpec[],
): ReadonlySet<string> {
  const used = new Set<string>();
  const expand = (text: string) => expandText(text, values, { used, onText: (length) => set.budget.text(length) });
  const change = (parent: ValueMap | Value[], key: string | number) => {
    const value = memberOf(parent, key);
    if (isText(parent, key)) expandMember(parent, key, expand);
    else if (isMap(value)) expandMembers(value, expand);
    else if (isList(value)) expandElements(value, expand, String(key));
  };
  for (const resource of set.resources) changeFields(resource, specs, { scope: set.scope, creates: "nothing", change });
  return used;
}

function expandMembers(map: ValueMap, expand: (text: string) => Value): void {
  for (const key in map) if (isText(map, key)) expandMember(map, key, expand);
}

/** Whether a member is a text to YAML, which a point in time is not. */
const isText = (parent: ValueMap | Value[], key: string | number): boolean =>
  typeof memberOf(parent, key) === "string" && spellingOf(parent, key) === undefined;

/** Whatever was written in quotes or folded is not any more, even where nothing was expanded. */
function expandMember(parent: ValueMap | Value[], key: string | number, expand: (text: string) => Value): void {
  setMember(parent, key, expand(String(memberOf(parent, key))));
  notePlain(parent, key);
}

function expandElements(list: Value[], expand: (text: string) => Value, field: string): void {
  for (const index of list.keys()) {
    if (!isText(list, index)) throw new FieldPathMismatch("invalid value type expect a string", field);
    expandMember(list, index, expand);
  }
}

/** What is reported about an expansion. */
export interface Expanding {
  /** The names of what was put in. */
  readonly used: Set<string>;
  /** The length of a text that is about to be put in. */
  readonly onText?: (length: number) => void;
}

/** A text with its references replaced. */
function expandText(text: string, values: ReadonlyMap<string, Value>, { used, onText }: Expanding): Value {
  let result = "";
  let at = 0;
  for (;;) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0 || dollar === text.length - 1) return result + text.slice(at);
    result += text.slice(at, dollar);
    const close = text.indexOf(")", dollar);
    if (text[dollar + 1] !== "(" || close < 0) {
      result += text[dollar + 1] === "$" ? "$" : text.slice(dollar, dollar + 2);
      at = dollar + 2;
      continue;
    }
    const name = text.slice(dollar + 2, close);
    const value = valueOfVar(name, values, used);
    if (dollar === 0 && close === text.length - 1) return value;
    const put = textByGo(value);
    onText?.(put.length);
    result += put;
    at = close + 1;
  }
}

/** Go writes small fractions with an exponent, and sooner than JavaScript does. */
const textByGo = (value: Value): string =>
  typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4 ? formatFloat(value) : String(value);

function valueOfVar(name: string, values: ReadonlyMap<string, Value>, used: Set<string>): Value {
  const value = values.get(name);
  if (!isScalar(value)) return `$(${name})`;
  used.add(name);
  return value;
}
