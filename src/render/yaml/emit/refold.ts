import { isBlank, isBlankOrEnd, isBreak } from "../scan/chars.ts";

/**
 * What is left of a folded scalar after kustomize has written it once and read it again, which it does on the way to its
 * output. go-yaml v3 writes two line breaks for one where a line ends that is not indented further, and looks at the
 * start of the text where it means the line that follows; so lines indented further get a blank line more, and text that
 * begins with white space loses breaks. `read` reads a block scalar, from its `>` on, inside a block of indentation 0.
 * Source: go.yaml.in/yaml/v3 emitterc.go `yaml_emitter_write_folded_scalar`.
 */
export function refolded(value: string, read: (scalar: string) => string): string {
  const inner = value.replace(/\n$/, "");
  const first = value.charCodeAt(0);
  if (value === "" || (!/[\n\u2028\u2029]/.test(inner) && !isBlank(first))) return value;
  // With a tab in front kustomize cannot read what it wrote; there is no harm in taking it.
  if (first === 0x09 || isWrittenInQuotes(value)) return value;
  const hint = first === 0x20 || isBreak(first) ? "2" : "";
  const chomping = /[\n\u2028\u2029]$/.test(value)
    ? /(?:^|[\n\u2028\u2029])[\n\u2028\u2029]$/.test(value)
      ? "+"
      : ""
    : "-";
  return read(`>${hint}${chomping}\n${fold(value)}`);
}

/** Where the text ends in a space, has a space before a break, or holds what is not printable. */
const isWrittenInQuotes = (value: string): boolean =>
  / (?:$|[\n\u2028\u2029])|[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(value);

function fold(value: string): string {
  const start = value.search(/[^\n\u2028\u2029]/);
  const doubles = start >= 0 && !isBlankOrEnd(value.charCodeAt(start));
  let text = "";
  let atBreak = true;
  let indented = true;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (isBreak(code)) {
      if (!atBreak && !indented && code === 0x0a && doubles) text += "\n";
      atBreak = true;
    } else {
      if (atBreak) {
        text += "  ";
        indented = isBlank(code);
      }
      atBreak = false;
    }
    text += value.charAt(i);
  }
  return text;
}
