import { Failure } from "../../../model/failure.ts";
import { weightOf } from "../../budget.ts";
import { compareText } from "../../resource/gvk-order.ts";
import { FieldPathInvalid } from "../../value/field-path.ts";
import { isList, isMap, isScalar, textOf, type Value, type ValueMap, writtenText } from "../../value/value.ts";
import { inFlow, isQuoted, newNode, parseDocuments, parseNodes, writeNodes, type YamlNode } from "../../yaml/index.ts";
import { goJson } from "../hash.ts";
import { type Creates, findNodes } from "./node-path.ts";

/** What to change within a text that is itself YAML or JSON. */
export interface TextChange {
  readonly steps: readonly string[];
  /** Whether a field that is missing is made. */
  readonly create: boolean;
  readonly value: Value;
  /** The text that a scalar becomes, from what it was. */
  readonly textFor: (found: string) => string;
  /** Whether only a scalar may be changed. */
  readonly scalarsOnly: boolean;
  /** Told of the length of every text that is about to be read, copied or written. */
  readonly onText: (length: number) => void;
}

/** How many characters each character of a text counts for while it is read into nodes or written from them. */
const nodesWeight = 4;

/** A text that holds more than one document, of which kustomize would keep the first alone. */
export class SeveralDocuments extends Error {}

/**
 * Changes a field within a text that is itself YAML or JSON, and writes the text anew as kustomize does: JSON compact or
 * indented as it was, YAML with its comments, quotes and anchors.
 * Throws `FieldPathInvalid` where the text is neither, or has no such field, and `SeveralDocuments`; then nothing is changed.
 */
export function changeStructuredText(text: string, change: TextChange): string {
  change.onText(nodesWeight * text.length);
  const { document, more } = parsed(text);
  if (document === undefined) throw new FieldPathInvalid("the text is not YAML with fields");
  const nodes = findNodes(document.root, change.steps, change.create ? kindOf(change.value) : undefined);
  if (nodes.length === 0) throw new FieldPathInvalid("unable to find field in structured data");
  if (more)
    throw new SeveralDocuments("the text holds more than one YAML document, of which kustomize keeps the first only");
  change.onText(nodes.length * weightOf(change.value) + nodesWeight * text.length);
  for (const node of nodes) changeNode(node, change);
  const written = writeNodes(document);
  return /^\s*[{[]/.test(text) ? jsonText(written, text) : written.trim();
}

function parsed(text: string): ReturnType<typeof parseNodes> {
  try {
    return parseNodes(text.replaceAll("\r\n", "\n"));
  } catch (thrown) {
    throw noYaml(thrown);
  }
}

function noYaml(thrown: unknown): unknown {
  if (!(thrown instanceof Failure) || thrown.code !== "YamlInvalid") return thrown;
  return new FieldPathInvalid(`the text is not YAML: ${thrown.problems[0]?.message ?? ""}`);
}

function changeNode(node: YamlNode, { value, textFor, scalarsOnly }: TextChange): void {
  if (node.kind === "scalar") node.value = textFor(node.value);
  else if (scalarsOnly) throw new FieldPathInvalid("delimiter option can only be used with scalar nodes");
  else Object.assign(node, toNode(value, textFor("")));
}

const kindOf = (value: Value): Creates => (isList(value) ? "list" : isMap(value) ? "map" : "scalar");

/** A value as a node of YAML; `text` is that of a scalar. */
function toNode(value: Value, text: string, quoted = false): YamlNode {
  if (isList(value))
    return collection(
      "list",
      value,
      value.map((_, index) => memberNode(value, index)),
    );
  if (isMap(value)) {
    return collection(
      "map",
      value,
      Object.keys(value).flatMap((key) => [newNode("scalar", key), memberNode(value, key)]),
    );
  }
  const node = newNode("scalar", text);
  return typeof value === "string" ? { ...node, tag: "!!str", style: quoted ? "double" : "plain" } : node;
}

function collection(kind: "map" | "list", value: ValueMap | Value[], content: YamlNode[]): YamlNode {
  return { ...newNode(kind), style: inFlow(value) ? "flow" : "plain", content };
}

function memberNode(parent: ValueMap | Value[], key: string | number): YamlNode {
  const value = (isList(parent) ? parent[Number(key)] : parent[key]) ?? null;
  const text = isScalar(value) ? writtenText(parent, key) : textOf(value) || "null";
  return toNode(value, text, isQuoted(parent, key));
}

function jsonText(written: string, original: string): string {
  let root: Value;
  try {
    root = parseDocuments(written, "")[0]?.value ?? null;
  } catch (thrown) {
    throw noYaml(thrown);
  }
  const pretty = original.includes("\n") && original.includes("  ");
  return pretty ? indented(root, "") : goJson(root);
}

function indented(value: Value, indent: string): string {
  const inner = `${indent}  `;
  if (isList(value) && value.length > 0) {
    return `[\n${value.map((item) => inner + indented(item, inner)).join(",\n")}\n${indent}]`;
  }
  const keys = isMap(value) ? Object.keys(value).sort(compareText) : [];
  if (!isMap(value) || keys.length === 0) return goJson(value);
  const members = keys.map((key) => `${inner}${goJson(key)}: ${indented(value[key] ?? null, inner)}`);
  return `{\n${members.join(",\n")}\n${indent}}`;
}
