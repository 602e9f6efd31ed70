import { type Document, isScalar as isScalarNode, parseDocument } from "yaml";
import { FieldPathInvalid } from "../field-path.ts";
import { isList, isMap, nodeKind, type Value } from "../value.ts";
import { parseDocuments } from "../yaml/index.ts";
import { goJson } from "./hash.ts";
import { findSlots, type Leaf, type Slot } from "./slots.ts";

/** What to change within a text that is itself YAML or JSON. */
export interface TextChange {
  readonly steps: readonly string[];
  readonly create: Leaf | undefined;
  readonly write: (slot: Slot) => void;
}

/**
 * Changes a field within a text that is itself YAML or JSON, and keeps the text otherwise as it is: JSON compact or
 * indented as it was, YAML with its comments and quotes.
 * Throws `FieldPathInvalid` where the text is neither, or has no such field; then nothing is changed.
 */
export function changeStructuredText(text: string, change: TextChange): string {
  const root = parsed(text);
  if (root === undefined || !(isMap(root) || isList(root))) {
    throw new FieldPathInvalid(
      `the text is no YAML with fields, but ${root === undefined ? "something else" : nodeKind(root)}`,
    );
  }
  const slots = findSlots(root, change.steps, change.create);
  if (slots.length === 0) throw new FieldPathInvalid("unable to find field in structured data");
  for (const slot of slots) change.write(slot);
  return /^\s*[{[]/.test(text) ? jsonText(root, text) : yamlText(root, text);
}

function parsed(text: string): Value | undefined {
  try {
    return parseDocuments(text, "")[0]?.value;
  } catch {
    return undefined;
  }
}

function jsonText(root: Value, original: string): string {
  const compact = goJson(root);
  const pretty = original.includes("\n") && original.includes("  ");
  return pretty ? indented(root, "") : compact;
}

function indented(value: Value, indent: string): string {
  const inner = `${indent}  `;
  if (isList(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + indented(item, inner)).join(",\n")}\n${indent}]`;
  }
  const keys = isMap(value) ? Object.keys(value).sort() : [];
  if (!isMap(value) || keys.length === 0) return goJson(value);
  const members = keys.map((key) => `${inner}${goJson(key)}: ${indented(value[key] ?? null, inner)}`);
  return `{\n${members.join(",\n")}\n${indent}}`;
}

function yamlText(root: Value, original: string): string {
  const document = parseDocument(original);
  bringUpToDate(document, [], root);
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false }).trim();
}

/** Sets in a document what differs from a value, and leaves the rest of it alone. */
function bringUpToDate(document: Document, path: readonly (string | number)[], value: Value): void {
  if (!isMap(value) && !isList(value)) {
    const node = document.getIn(path, true);
    if (isScalarNode(node) && node.value !== value) node.value = value;
    else if (!isScalarNode(node)) document.setIn(path, value);
    return;
  }
  const entries: [string | number, Value][] = isList(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, member] of entries) {
    if (document.hasIn([...path, key])) bringUpToDate(document, [...path, key], member);
    else document.setIn([...path, key], document.createNode(member));
  }
}
