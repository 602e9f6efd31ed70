import type { NodeStyle } from "../node.ts";
import { CommentWriter } from "./comments.ts";

/** How a scalar is to be written, and where. */
export interface ScalarSpec {
  readonly style: NodeStyle;
  /** Empty where it goes without saying. */
  readonly tag: string;
  readonly inFlow: boolean;
  readonly simpleKey: boolean;
  readonly inList: boolean;
}

const isBreak = (character: string | undefined): boolean =>
  character !== undefined && /[\n\r\u0085\u2028\u2029]/.test(character);
const isSpace = (character: string | undefined): boolean => character === " ";

/** What go-yaml v3 writes as it is; tabs are told apart before. */
const special = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** Writes scalars in the styles of YAML. Source: go.yaml.in/yaml/v3 emitterc.go `yaml_emitter_write_*_scalar`. */
export class ScalarWriter extends CommentWriter {
  /** Writes a scalar and its tag. */
  writeScalar(value: string, spec: ScalarSpec): void {
    const style = styleOf(value, spec);
    // A tag that is left out would make another thing of a text in quotes that had no style of its own.
    this.writeTag(spec.tag);
    this.pushIndent(true, spec.inList, false);
    if (style === "plain") this.#plain(value);
    else if (style === "single") this.#single(value);
    else if (style === "double") this.#double(value);
    else this.#block(value, style === "folded");
    this.popIndent();
  }

  /** Writes a tag, in short where it is YAML's own. */
  writeTag(tag: string): void {
    if (tag === "") return;
    if (/^!!?[\w\-;/?:@&=+$,.~*'()[\]]*$/.test(tag)) this.spaced(tag);
    else {
      this.indicator("!<", true, false, false);
      this.word(tag);
      this.indicator(">", false, false, false);
    }
  }

  #plain(value: string): void {
    if (value !== "" && !this.whitespace) this.put(" ");
    this.put(value);
    if (value !== "") this.whitespace = false;
    this.indention = false;
  }

  #single(value: string): void {
    this.indicator("'", true, false, false);
    let breaks = false;
    for (const character of value) {
      if (isBreak(character)) {
        if (!breaks && character === "\n") this.putBreak();
        this.writeBreak(character);
        breaks = true;
        continue;
      }
      if (breaks) this.writeIndent();
      this.put(character === "'" ? "''" : character);
      this.indention = false;
      breaks = false;
    }
    this.indicator("'", false, false, false);
    this.whitespace = false;
    this.indention = false;
  }

  #double(value: string): void {
    this.indicator('"', true, false, false);
    for (const character of value) this.put(escaped(character));
    this.indicator('"', false, false, false);
    this.whitespace = false;
    this.indention = false;
  }

  #block(value: string, folds: boolean): void {
    this.indicator(folds ? ">" : "|", true, false, false);
    const characters = [...value];
    if (isSpace(characters[0]) || isBreak(characters[0])) this.indicator("2", false, false, false);
    const chomping = chompingOf(characters);
    if (chomping !== "") this.indicator(chomping, false, false, false);
    this.writeLine(true);
    this.whitespace = true;
    if (folds) this.#folded(characters);
    else this.#literal(characters);
  }

  #literal(characters: readonly string[]): void {
    let breaks = true;
    for (const character of characters) {
      if (isBreak(character)) {
        this.writeBreak(character);
        breaks = true;
        continue;
      }
      if (breaks) this.writeIndent();
      this.put(character);
      this.indention = false;
      breaks = false;
    }
  }

  #folded(characters: readonly string[]): void {
    const first = characters.find((character) => !isBreak(character));
    const doubles = first !== undefined && first !== " " && first !== "\t";
    let breaks = true;
    let leading = true;
    for (const character of characters) {
      if (isBreak(character)) {
        if (!breaks && !leading && character === "\n" && doubles) this.putBreak();
        this.writeBreak(character);
        breaks = true;
        continue;
      }
      if (breaks) {
        this.writeIndent();
        leading = character === " " || character === "\t";
      }
      this.put(character);
      this.indention = false;
      breaks = false;
    }
  }
}

/** Source: go.yaml.in/yaml/v3 emitterc.go `yaml_emitter_select_scalar_style`, `yaml_emitter_analyze_scalar`. */
function styleOf(value: string, { style: wanted, inFlow, simpleKey }: ScalarSpec): NodeStyle {
  const isMultiline = /[\n\r\u0085\u2028\u2029]/.test(value);
  let style: NodeStyle = wanted === "plain" && value.includes("\n") ? "literal" : wanted;
  if (simpleKey && isMultiline) style = "double";
  if (style === "plain" && (!mayBePlain(value, inFlow) || (value === "" && (inFlow || simpleKey)))) style = "single";
  if (style === "single" && mustEscape(value)) style = "double";
  if ((style === "literal" || style === "folded") && (!mayBeBlock(value) || inFlow || simpleKey)) style = "double";
  return style;
}

function mayBePlain(value: string, inFlow: boolean): boolean {
  if (value === "") return !inFlow;
  if (
    /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$|[\t\n\r\u0085\u2028\u2029]/.test(value) ||
    special.test(value)
  )
    return false;
  if (/^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$))|:(?:[ \t]|$)|[ \t]#/.test(value)) return false;
  return !inFlow || !/^[?:]|[,?[\]{}:]/.test(value);
}

const mustEscape = (value: string): boolean =>
  /[\n\r\u0085\u2028\u2029] | [\n\r\u0085\u2028\u2029]|\t/.test(value) || special.test(value);

const mayBeBlock = (value: string): boolean =>
  value !== "" && !/ $| [\n\r\u0085\u2028\u2029]/.test(value) && !special.test(value);

function chompingOf(characters: readonly string[]): "" | "-" | "+" {
  const last = characters.length - 1;
  if (last < 0 || !isBreak(characters[last])) return "-";
  return last === 0 || isBreak(characters[last - 1]) ? "+" : "";
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\u0085": "N",
  "\u00a0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

function escaped(character: string): string {
  const mustBe =
    character === '"' || character === "\\" || character === "\t" || isBreak(character) || special.test(character);
  if (!mustBe) return character;
  const known = escapes[character];
  if (known !== undefined) return `\\${known}`;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
