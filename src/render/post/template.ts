import { TemplateInvalid } from "./template-invalid.ts";
import { applyOperator } from "./template-operators.ts";

/** Variables that a template asks for and that are not set. */
export class VariableNotSet extends Error {
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    super(`not set: ${names.join(", ")}`);
    this.name = "VariableNotSet";
    this.names = names;
  }
}

/** The value of a variable; undefined where it is not set. */
export type LookUp = (name: string) => string | undefined;

/** Expressions within expressions: more than this is no template. */
const maxDepth = 50;

/**
 * Expands `${NAME}` and its forms in a text as bash does: defaults (`${A:-x}`, `${A:=x}`, `${A=x}`), length (`${#A}`), case
 * (`${A^}`, `${A^^}`, `${A,}`, `${A,,}`), parts (`${A:1}`, `${A:1:2}`), ends cut off (`${A#x}`, `${A##x}`, `${A%x}`,
 * `${A%%x}`) and replacement (`${A/x/y}`, `${A//x/y}`, `${A/#x/y}`, `${A/%x/y}`). `$$` stands for `$`; a `$` before anything
 * but a brace stands for itself. `:+` and `:?` mean the same as `:-`, as in Flux.
 * Throws `VariableNotSet` with all that are not set and have no default, and `TemplateInvalid`.
 * Source: github.com/fluxcd/pkg/envsubst.
 */
export function expandTemplate(text: string, lookUp: LookUp): string {
  const missing = new Set<string>();
  const reader: Reader = { text, at: 0, depth: 0, lookUp, missing };
  let result = "";
  for (;;) {
    const dollar = text.indexOf("$", reader.at);
    if (dollar < 0) break;
    result += text.slice(reader.at, dollar);
    reader.at = dollar + 2;
    if (text[dollar + 1] === "{") result += expression(reader);
    else if (text[dollar + 1] === "$") result += "$";
    else {
      result += "$";
      reader.at = dollar + 1;
    }
  }
  if (missing.size > 0) throw new VariableNotSet([...missing]);
  return result + text.slice(reader.at);
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
  readonly lookUp: LookUp;
  readonly missing: Set<string>;
}

/** What stands after `${`, up to and with its `}`. */
function expression(reader: Reader): string {
  if (++reader.depth > maxDepth) throw new TemplateInvalid("expressions are nested too deeply");
  const length = take(reader, /#/y);
  const name = take(reader, /[\p{L}\p{Nd}_]+/uy);
  if (name === "") throw new TemplateInvalid("unable to parse variable name");
  const operator = length === "" ? operatorOf(reader) : "length";
  const operands = length === "" ? operandsOf(reader, operator) : [];
  if (needsOperand.test(operator) && operands[0] === "")
    throw new TemplateInvalid(`nothing behind \${${name}${operator}`);
  if (take(reader, /\}/y) === "") throw new TemplateInvalid(`missing closing brace after \${${name}`);
  reader.depth--;
  const value = reader.lookUp(name);
  if (value === undefined && !isDefault(operator)) {
    reader.missing.add(name);
    return "";
  }
  return isDefault(operator) ? value || operands.join("") : applyOperator(value ?? "", operator, operands);
}

/** Cutting needs something to cut, and a part somewhere to begin. */
const needsOperand = /^(?::|##?|%%?)$/;

const isDefault = (operator: string) => operator === "=" || /^:[-=?+]$/.test(operator);

function operatorOf(reader: Reader): string {
  return take(reader, /:[-=?+]|=|:|,,?|\^\^?|\/[/#%]?|##?|%%?/y);
}

function operandsOf(reader: Reader, operator: string): readonly string[] {
  if (operator === "" || operator.startsWith(",") || operator.startsWith("^")) return [];
  if (isDefault(operator)) return [parts(reader, /[^}$]+|\$(?!\{)/y)];
  if (operator === ":") return separated(reader, /[^:}$]+|\$(?!\{)/y, /:/y);
  if (operator.startsWith("/")) return separated(reader, /\\[/\\]|[^/$]|\$(?!\{)/y, /\//y);
  return [parts(reader, /[^}$]+|\$(?!\{)/y)];
}

/** Two operands, of which the second may be missing. */
function separated(reader: Reader, first: RegExp, separator: RegExp): readonly string[] {
  const one = parts(reader, first);
  if (take(reader, separator) === "") return [one];
  return [one, parts(reader, /\\[/\\]|[^}$]|\$(?!\{)/y)];
}

/** Text and expressions, one after the other. A backslash before a slash or a backslash is dropped. */
function parts(reader: Reader, text: RegExp): string {
  let result = "";
  for (;;) {
    const piece = take(reader, text);
    if (piece !== "") result += /^\\[/\\]$/.test(piece) ? piece.slice(1) : piece;
    else if (take(reader, /\$\{/y) !== "") result += expression(reader);
    else return result;
  }
}

/** What matches at the place where the reader stands, which moves behind it; empty where nothing does. */
function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? "";
  reader.at += found.length;
  return found;
}
