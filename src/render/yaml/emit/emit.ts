import { Failure } from "../../../model/failure.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { formatNumber } from "./go-number.ts";
import { sortedKeys } from "./key-order.ts";
import { type ScalarPlace, writeString } from "./string.ts";

/** Nothing that kustomize can print is nested deeper than this; see `parse`, which refuses it on the way in. */
const maxDepth = 1000;

/** What is being written: the text so far, and the keys already written, which repeat a thousand times in a manifest. */
interface Output {
  text: string;
  readonly keys: Map<string, string>;
}

/**
 * The bytes that `kustomize build` prints for one resource (without `---`), ending in a line break: keys in natural
 * order, block style, lists not indented, strings quoted where YAML 1.1 would read them as something else and folded
 * at 80 columns. Numbers must be finite. Throws `Failure` (InputTooLarge) for values nested deeper than 1,000.
 * Source: sigs.k8s.io/yaml `JSONToYAML` and go.yaml.in/yaml/v2 encode.go and emitterc.go.
 */
export function emitYaml(value: YamlValue): string {
  const output: Output = { text: "", keys: new Map() };
  if (Array.isArray(value) && value.length > 0) writeItems(output, value, 0, 0);
  else if (isMap(value) && !isEmpty(value)) writeMembers(output, value, 0, 0);
  else writeScalar(output, value, { column: 0, indent: 2 });
  return output.text;
}

const isMap = (value: YamlValue): value is YamlMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isEmpty(map: YamlMap): boolean {
  for (const _ in map) return false;
  return true;
}

/** Writes the items of a list, each on a line of its own at `indent`; the first where the text already stands. */
function writeItems(output: Output, items: readonly YamlValue[], indent: number, depth: number): void {
  guardDepth(depth);
  const start = `${padding(indent)}- `;
  for (let i = 0; i < items.length; i++) {
    output.text += i === 0 ? "- " : start;
    writeInPlace(output, items[i] ?? null, indent + 2, depth + 1);
  }
}

/** Writes the members of a mapping, the first where the text already stands, the others at `indent`. */
function writeMembers(output: Output, map: YamlMap, indent: number, depth: number): void {
  guardDepth(depth);
  const keys = sortedKeys(map);
  const pad = padding(indent);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? "";
    if (i > 0) output.text += pad;
    const text = output.keys.get(key) ?? keyText(output, key);
    if (text === undefined) writeLongMember(output, key, map[key] ?? null, { indent, depth });
    else writeMember(output, text, map[key] ?? null, { indent, depth });
  }
}

function writeMember(output: Output, key: string, value: YamlValue, at: { indent: number; depth: number }): void {
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) {
      if (value.length > 0) {
        output.text += `${key}:\n${padding(at.indent)}`;
        writeItems(output, value, at.indent, at.depth + 1);
        return;
      }
    } else if (!isEmpty(value)) {
      output.text += `${key}:\n${padding(at.indent + 2)}`;
      writeMembers(output, value, at.indent + 2, at.depth + 1);
      return;
    }
  }
  output.text += `${key}: `;
  writeScalar(output, value, { column: at.indent + key.length + 2, indent: at.indent + 2 });
}

/** A key that is too long for one line, or that has line breaks, is written behind `? `, its value behind `: `. */
function writeLongMember(output: Output, key: string, value: YamlValue, at: { indent: number; depth: number }): void {
  output.text += "? ";
  writeString(output, key, { column: at.indent + 2, indent: at.indent + 2 });
  output.text += `${padding(at.indent)}: `;
  writeInPlace(output, value, at.indent + 2, at.depth + 1);
}

/** Writes a value behind an indicator on the same line; `indent` is the column where the text stands. */
function writeInPlace(output: Output, value: YamlValue, indent: number, depth: number): void {
  if (Array.isArray(value) && value.length > 0) writeItems(output, value, indent, depth);
  else if (isMap(value) && !isEmpty(value)) writeMembers(output, value, indent, depth);
  else writeScalar(output, value, { column: indent, indent });
}

function writeScalar(output: Output, value: YamlValue, place: ScalarPlace): void {
  switch (typeof value) {
    case "string":
      writeString(output, value, place);
      return;
    case "number":
    case "bigint":
      output.text += `${formatNumber(value)}\n`;
      return;
    default:
      output.text += Array.isArray(value)
        ? "[]\n"
        : value === null || typeof value === "boolean"
          ? `${value}\n`
          : "{}\n";
  }
}

/** Whether a key fits on the line of its value: no line break, and at most 128 bytes. */
function isSimpleKey(key: string): boolean {
  if (key.length > 128) return false;
  if (/[\n\r\u0085\u2028\u2029]/.test(key)) return false;
  return key.length <= 42 || Buffer.byteLength(key) <= 128;
}

/** A key as it is written in front of its colon; undefined where it needs lines of its own. */
function keyText(output: Output, key: string): string | undefined {
  if (!isSimpleKey(key)) return undefined;
  const written = { text: "" };
  writeString(written, key, { column: 0, indent: 0, oneLine: true });
  const text = written.text.slice(0, -1);
  output.keys.set(key, text);
  return text;
}

const paddings: readonly string[] = Array.from({ length: 64 }, (_, width) => " ".repeat(width));
const padding = (width: number): string => paddings[width] ?? " ".repeat(width);

function guardDepth(depth: number): void {
  if (depth > maxDepth) throw new Failure("InputTooLarge", { message: `nested deeper than ${maxDepth} levels` });
}
