import { ch, isBlank, isBlankOrEnd, isBreak, readBreak } from "./chars.ts";
import { type Cursor, invalid, isDocumentMarker } from "./cursor.ts";

/** What go-yaml calls the flow indicators, which end a plain scalar in flow style; `?` is among them. */
const isFlowIndicator = (code: number): boolean =>
  code === ch.comma ||
  code === ch.question ||
  code === ch.openBracket ||
  code === ch.closeBracket ||
  code === ch.openBrace ||
  code === ch.closeBrace;

/** Whether a plain scalar may begin here. Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_fetch_next_token`. */
export function startsPlain(text: string, at: number, flow: boolean): boolean {
  const code = text.charCodeAt(at);
  if ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) return true;
  if (code === ch.minus) return !isBlankOrEnd(text.charCodeAt(at + 1));
  if (code === ch.question || code === ch.colon) return !flow && !isBlankOrEnd(text.charCodeAt(at + 1));
  return !(isBlankOrEnd(code) || isFlowIndicator(code) || "#&*!|>'\"%@`".includes(text.charAt(at)));
}

/**
 * Reads the plain scalar at the cursor, over as many lines as are indented by more than `indent` (in flow style over all
 * lines), and leaves the cursor behind it; where a line break follows, at the text of the next line that is not blank.
 * Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_scan_plain_scalar`.
 */
export function scanPlain(cursor: Cursor, indent: number, flow: boolean): string {
  const { text } = cursor;
  const start = cursor.at;
  let end = endOfSpan(text, start, flow);
  let result = text.slice(start, end);
  cursor.at = end;
  for (;;) {
    let at = end;
    while (isBlank(text.charCodeAt(at))) at++;
    if (!isBreak(text.charCodeAt(at))) {
      // Only a comment or an indicator can stand here: a word would have belonged to the span.
      cursor.at = at;
      return result;
    }
    const gap = skipBreaks(cursor, at, indent);
    if (!continues(cursor, indent, flow)) return result;
    at = cursor.at;
    end = endOfSpan(text, at, flow);
    if (end === at) return result;
    result += gap + text.slice(at, end);
    cursor.keyAllowed = false;
    cursor.at = end;
  }
}

/** Whether the text at the cursor, on a line of its own, belongs to the scalar of the lines before. */
function continues(cursor: Cursor, indent: number, flow: boolean): boolean {
  const { text, at, lineStart } = cursor;
  if (!flow && at - lineStart <= indent) return false;
  const code = text.charCodeAt(at);
  return code !== ch.end && code !== ch.hash && !(at === lineStart && isDocumentMarker(text, at));
}

/** The end of the text on this line: before `: `, ` #`, a flow indicator in flow style, and trailing white space. */
function endOfSpan(text: string, from: number, flow: boolean): number {
  let at = from;
  let end = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === ch.space || code === ch.tab) {
      at++;
      if (text.charCodeAt(at) === ch.hash) return end;
      continue;
    }
    if (code === ch.colon && isBlankOrEnd(text.charCodeAt(at + 1))) return end;
    if (code < ch.space || code >= ch.nextLine) {
      if (code === ch.end || isBreak(code)) return end;
    } else if (flow && isFlowIndicator(code)) return end;
    at++;
    end = at;
  }
}

/**
 * Moves from a line break to the next text and gives what the breaks fold to: a space for one, the others for several.
 * Tabs may stand in for nothing that has to be indented.
 */
function skipBreaks(cursor: Cursor, from: number, indent: number): string {
  const { text } = cursor;
  const first = readBreak(text.charCodeAt(from));
  let rest = "";
  let at = from + 1;
  let lineStart = at;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === ch.tab && at - lineStart <= indent) {
      const hint = "indent with spaces";
      throw invalid(cursor, at, { message: "a tab in the indentation of a multi-line string", hint });
    }
    if (isBreak(code)) {
      rest += readBreak(code);
      lineStart = at + 1;
    } else if (!isBlank(code)) break;
    at++;
  }
  cursor.at = at;
  cursor.lineStart = lineStart;
  cursor.keyAllowed = true;
  return first !== "\n" ? first + rest : rest || " ";
}
