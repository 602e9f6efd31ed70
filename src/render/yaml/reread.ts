import type { Problem } from "../../model/failure.ts";
import { refolded } from "./emit/refold.ts";
import type { ScalarTag } from "./resolve/plain-tag.ts";
import { readBlockScalar } from "./scan/block-scalar.ts";
import { duplicateKeys } from "./style/duplicates.ts";
import { inFlow } from "./style/flow.ts";
import { foldedMembers, notePlain } from "./style/quotes.ts";
import { spellingOf } from "./style/spelling.ts";
import { hasStyles } from "./style/styles.ts";
import { misfitMembers, misfitTag, untypedKeys, untypedMembers } from "./style/tags.ts";
import type { YamlMap, YamlValue } from "./value.ts";

/** What cannot be read again once it has been written: where it is, from the outside in, and why. */
export interface Unreadable {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint: string;
  /** What was wrong when it was read, with the place in its own file. */
  readonly problem?: Problem;
}

/** What neither of kustomize's YAML libraries takes as it stands, and JSON does not write as an escape. */
const forbidden = /[\x7f-\x84\x86-\x9f\ufffe\uffff]/;
const forbiddenInKeys = /[\x7f-\x9f\ufffe\uffff]/;

/**
 * Makes of an object, in place, what it is once it has been written as YAML and read again, which kustomize does with every
 * object before it prints it: folded texts change (see `emit/refold.ts`). Gives the first thing that does not come through.
 * `within` says that the value stands in brackets itself.
 */
export function reread(value: YamlValue, within = false): Unreadable | undefined {
  if (typeof value === "string") return readable(value);
  if (typeof value !== "object" || value === null) return undefined;
  const isFlow = within || inFlow(value);
  const found = hasStyles(value) ? rereadStyles(value, isFlow) : undefined;
  if (found !== undefined) return found;
  return Array.isArray(value) ? rereadItems(value, isFlow) : rereadMembers(value, isFlow);
}

function rereadStyles(parent: YamlMap | YamlValue[], isFlow: boolean): Unreadable | undefined {
  refold(parent, isFlow);
  for (const key of misfitMembers(parent)) {
    const tag = misfitTag(parent, key);
    if (tag !== undefined) return misfit(key, tag);
  }
  for (const [key, found] of duplicateKeys(parent)) {
    const problem = found.problem();
    return { path: [key], message: problem.message, hint: problem.hint ?? "", problem };
  }
  for (const key of untypedKeys(parent)) {
    if (!(key in parent)) continue;
    const hint =
      "kustomize writes such a key without quotes and reads a number, a boolean, null or a date; change the key";
    return { path: [key], message: `the key ${JSON.stringify(key)}is not a string`, hint };
  }
  return undefined;
}

/** What is wrong with the first key within a value that was there twice when it was read; undefined where there is none. */
export function duplicateWithin(value: YamlValue): Problem | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const { problem } of duplicateKeys(value).values()) return problem();
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    const found = duplicateWithin(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readable(text: string): Unreadable | undefined {
  return !isShortAscii(text) && forbidden.test(text) ? controlCharacter(text, forbidden) : undefined;
}

/** Nearly every string is one, and this is faster than a pattern. */
function isShortAscii(text: string): boolean {
  if (text.length > 40) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return false;
  return true;
}

/** Texts that stand folded fold again, but not in brackets, where nothing stands for the empty text and not for null. */
function refold(parent: YamlMap | YamlValue[], isFlow: boolean): void {
  for (const key of foldedMembers(parent)) {
    const text = memberOf(parent, key);
    if (typeof text === "string" && !isFlow) setMember(parent, key, refolded(text, readBlockScalar));
    notePlain(parent, key);
  }
  if (!isFlow) return;
  for (const key of untypedMembers(parent)) {
    if (memberOf(parent, key) === null && spellingOf(parent, key) === undefined) setMember(parent, key, "");
  }
}

const memberOf = (parent: YamlMap | YamlValue[], key: string): YamlValue | undefined =>
  Array.isArray(parent) ? parent[Number(key)] : parent[key];

function setMember(parent: YamlMap | YamlValue[], key: string, value: YamlValue): void {
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else parent[key] = value;
}

function rereadItems(items: YamlValue[], isFlow: boolean): Unreadable | undefined {
  for (let index = 0; index < items.length; index++) {
    const found = reread(items[index] ?? null, isFlow);
    if (found !== undefined) return below(String(index), found);
  }
  return undefined;
}

function rereadMembers(map: YamlMap, isFlow: boolean): Unreadable | undefined {
  for (const key in map) {
    if (!isShortAscii(key) && forbiddenInKeys.test(key)) return below(key, controlCharacter(key, forbiddenInKeys));
    const found = reread(map[key] ?? null, isFlow);
    if (found !== undefined) return below(key, found);
  }
  return undefined;
}

const typeNames: Readonly<Record<ScalarTag, string>> = {
  null: "null",
  bool: "a boolean",
  int: "a number",
  float: "a number",
  timestamp: "a date",
  str: "a text",
  merge: "<<",
};

function misfit(key: string, tag: ScalarTag): Unreadable {
  const message = `the field holds ${typeNames[tag]}, which a string cannot replace`;
  return { path: [key], message, hint: "replace by a value of the same type, or put the field's own in quotes" };
}

const below = (step: string, found: Unreadable): Unreadable => ({ ...found, path: [step, ...found.path] });

function controlCharacter(text: string, pattern: RegExp): Unreadable {
  const code = (pattern.exec(text)?.[0] ?? "").charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  const message = `control characters are not allowed: found U+${code}`;
  return { path: [], message, hint: "remove the character, or put the bytes into binaryData or a Secret" };
}
