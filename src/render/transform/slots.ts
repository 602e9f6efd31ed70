import { compilePattern, type Pattern } from "../../model/text/pattern.ts";
import { FieldPathInvalid, isIndex, type Place, parseElementStep } from "../value/field-path.ts";
import { isList, isMap, newMap, nodeKind, nodeText, putMember, type Value, type ValueMap } from "../value/value.ts";
import { isQuoted } from "../yaml/index.ts";
import { setUntyped } from "./set-fields.ts";

/** A place in an object whose value can be read and set. */
export type Slot = Place;

/** What is made at the end of a path that leads nowhere yet: undefined for nothing. */
export type Leaf = () => Value;

interface Search {
  readonly steps: readonly string[];
  readonly create: Leaf | undefined;
}

/** The value of a slot; null where there is none. */
export function slotValue(slot: Slot): Value {
  return (isArraySlot(slot) ? slot.parent[slot.key] : slot.parent[slot.key]) ?? null;
}

/** Sets the value of a slot. */
export function setSlot(slot: Slot, value: Value): void {
  if (isArraySlot(slot)) slot.parent[slot.key] = value;
  else slot.parent[slot.key] = value;
}

function isArraySlot(slot: Slot): slot is Extract<Slot, { key: number }> {
  return typeof slot.key === "number";
}

/**
 * All places that a path leads to: by field, by index, by elements that match a regular expression (`[name=nginx]`), or
 * by all elements (`*`). Where a path leads nowhere and `create` says what to make, it is made.
 * Throws `FieldPathInvalid` where a step does not fit what is there, `PatternInvalid` for an expression that is none.
 * Source: sigs.k8s.io/kustomize/kyaml/yaml/match.go.
 */
export function findSlots(root: Value, steps: readonly string[], create: Leaf | undefined): readonly Slot[] {
  const holder: ValueMap = newMap();
  holder.root = root;
  return follow({ parent: holder, key: "root" }, { steps, create });
}

function follow(slot: Slot, search: Search): readonly Slot[] {
  const [step, ...steps] = search.steps;
  if (step === undefined) return [slot];
  const rest = { ...search, steps };
  const value = slotValue(slot);
  if (isIndex(step)) return followIndex(listOf(value, step, rest), Number(step), rest);
  if (step.startsWith("[") && step.endsWith("]")) return followElements(listOf(value, step, rest), step, rest);
  if (step === "*") {
    const parent = listOf(value, step, rest);
    return parent.flatMap((_, key) => follow({ parent, key }, rest));
  }
  return followField(value, step, rest);
}

/** The list to look through; in the place of null there is none, and nothing can be put into it. */
function listOf(value: Value, step: string, { create }: Search): Value[] {
  if (isList(value)) return value;
  if (value === null && (create === undefined || step === "*")) return [];
  throw new FieldPathInvalid(`'${step}' asks for a list, found ${nodeKind(value)}`);
}

function followField(value: Value, step: string, rest: Search): readonly Slot[] {
  if (value === null) return [];
  if (!isMap(value)) throw new FieldPathInvalid(`'${step}' asks for a map, found ${nodeKind(value)}`);
  if (value[step] === undefined) {
    if (rest.create === undefined) return [];
    putMember(value, step, blank(rest.steps[0], rest.create));
  }
  return follow({ parent: value, key: step }, rest);
}

/** What stands at a step that is made: what the next step asks for. */
function blank(next: string | undefined, leaf: Leaf): Value {
  if (next === undefined) return leaf();
  return isIndex(next) || (next.startsWith("[") && next.endsWith("]")) ? [] : newMap();
}

function followIndex(list: Value[], index: number, rest: Search): readonly Slot[] {
  if (index === list.length && rest.create !== undefined) list.push(blank(rest.steps[0], rest.create));
  if (index < list.length) return follow({ parent: list, key: index }, rest);
  throw new FieldPathInvalid(`index ${index} specified but only ${list.length} elements found`);
}

function followElements(list: Value[], step: string, rest: Search): readonly Slot[] {
  const wanted = parseElementStep(step);
  if (wanted === undefined)
    throw new FieldPathInvalid(`'${step}' must contain fieldName=fieldValue for element to match`);
  const pattern = compilePattern(wanted.value);
  const matches = (parent: ValueMap | Value[], key: string | number) =>
    matchesAsWritten(nodeText(parent, key), isQuoted(parent, key), pattern);
  const search = (): readonly Slot[] =>
    list.flatMap((element, key) => {
      if (wanted.key === "") return matches(list, key) ? [{ parent: list, key }] : [];
      if (!isMap(element) || element[wanted.key] === undefined || !matches(element, wanted.key)) return [];
      return follow({ parent: list, key }, rest);
    });
  const found = search();
  if (found.length > 0 || rest.create === undefined) return found;
  if (wanted.key === "") setUntyped(list, list.push("") - 1, wanted.value);
  else list.push(newElement(wanted.key, wanted.value));
  return search();
}

/**
 * kustomize looks for a pattern in a scalar as it is written, quotes included: `^web$` finds nothing in `"web"`. Which quotes
 * they are is not known here, so a pattern that depends on them is refused.
 */
function matchesAsWritten(text: string, quoted: boolean, pattern: Pattern): boolean {
  if (!quoted || /[\n"'\\]/.test(text)) return pattern.test(text);
  const found = pattern.test(`"${text}"`);
  if (found === pattern.test(`'${text}'`)) return found;
  throw new FieldPathInvalid("the pattern depends on the quotes around a text");
}

function newElement(key: string, value: string): ValueMap {
  const element = newMap();
  putMember(element, key, "");
  setUntyped(element, key, value);
  return element;
}
