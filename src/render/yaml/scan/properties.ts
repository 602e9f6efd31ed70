import { ch, isBlankOrEnd, isWord } from "./chars.ts";
import { type Cursor, excerpt, invalid, skipToToken } from "./cursor.ts";

/** What stands in front of a node. */
export interface Properties {
  readonly anchor: string | undefined;
  /** In full: `tag:yaml.org,2002:str`; `!` alone says that the node has no tag on purpose. */
  readonly tag: string | undefined;
  /** Where the first of the two stands. */
  readonly at: number;
}

/** No properties. */
export const bare = (at: number): Properties => ({ anchor: undefined, tag: undefined, at });

/**
 * Reads the anchor and the tag at the cursor, in either order, and moves on to the token behind them; in block style no
 * further than to the next line, where another node may begin.
 * Source: go.yaml.in/yaml/v3 parserc.go `yaml_parser_parse_node`, scannerc.go `yaml_parser_scan_tag`.
 */
export function scanProperties(cursor: Cursor, flow = false): Properties {
  const { at, lineStart } = cursor;
  let anchor: string | undefined;
  let tag: string | undefined;
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code === ch.ampersand && anchor === undefined) anchor = scanAnchor(cursor);
    else if (code === ch.exclamation && tag === undefined) tag = scanTag(cursor);
    else return { anchor, tag, at };
    skipToToken(cursor, true, flow);
    if (!flow && cursor.lineStart !== lineStart) return { anchor, tag, at };
  }
}

/** Reads the name behind `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at;
  let at = start + 1;
  while (isWord(text.charCodeAt(at))) at++;
  if (at === start + 1 || !(isBlankOrEnd(text.charCodeAt(at)) || "?:,]}%@`".includes(text.charAt(at)))) {
    const hint = "names have letters, digits, _ and -; quote the value if it is meant as text";
    throw invalid(cursor, start, { message: `${excerpt(cursor, start)} is not the name of an anchor`, hint });
  }
  cursor.at = at;
  return text.slice(start + 1, at);
}

const tagPattern = /!(?:<([^>]*)>|([\w-]*!)?([\w\-;/?:@&=+$,.!~*'()[\]%]*))/y;

/** Reads a tag, in full. */
export function scanTag(cursor: Cursor): string {
  const start = cursor.at;
  tagPattern.lastIndex = start;
  const [all = "", verbatim, handle, suffix = ""] = tagPattern.exec(cursor.text) ?? [];
  cursor.at = start + all.length;
  const missing = handle !== undefined && suffix === "" ? "a name" : undefined;
  if (missing !== undefined || !isBlankOrEnd(cursor.text.charCodeAt(cursor.at))) {
    const hint = "quote the value if it is meant as text";
    throw invalid(cursor, start, { message: `${excerpt(cursor, start)} is not a tag`, hint });
  }
  if (verbatim !== undefined) return verbatim;
  const name = decodeTag(cursor, suffix, start);
  if (handle === undefined) return name === "" ? "!" : (cursor.tagHandles.get("!") ?? "!") + name;
  const prefix = cursor.tagHandles.get(`!${handle}`);
  if (prefix !== undefined) return prefix + name;
  const hint = "YAML's own tags begin with !!";
  throw invalid(cursor, start, { message: `the tag !${handle}${name} has an undefined handle`, hint });
}

function decodeTag(cursor: Cursor, suffix: string, at: number): string {
  try {
    return decodeURIComponent(suffix);
  } catch {
    throw invalid(cursor, at, { message: `${excerpt(cursor, at)} is not a tag`, hint: "a % begins an escape" });
  }
}
