import { type Cursor, endOfLine, invalid } from "./cursor.ts";

/**
 * Reads the directive at the cursor, and notes the handle of tags that it declares.
 * Throws `Failure` (YamlInvalid) for one that is neither a `%TAG` nor a `%YAML` of version 1.1.
 */
export function scanDirective(cursor: Cursor): void {
  const end = endOfLine(cursor.text, cursor.at);
  const line = cursor.text.slice(cursor.at, end);
  const tag = /^%TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+(\S+)/.exec(line);
  if (tag !== null) cursor.tagHandles.set(tag[1] ?? "", tag[2] ?? "");
  else if (!/^%YAML[ \t]+1\.1/.test(line)) {
    throw invalid(cursor, cursor.at, { message: `${line}is not allowed here` });
  }
  cursor.at = end;
}
