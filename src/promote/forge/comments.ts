import { type Json, numberAt, stringAt } from "../../model/json.ts";

/** What is to be done about a comment: nothing without a text, a new one without an id. */
export interface CommentToWrite {
  readonly text: string | undefined;
  readonly id: number | undefined;
}

/** Finds the comment that begins with the marker among those of a pull request; their text is under `key`. */
export function commentToWrite(marker: string, body: string, comments: readonly Json[], key: string): CommentToWrite {
  const text = `${marker}\n${body}`;
  const known = comments.find((comment) => stringAt(comment, key)?.startsWith(marker));
  const same = plain(stringAt(known, key) ?? "") === plain(text);
  return { text: same ? undefined : text, id: numberAt(known, "id") };
}

/** Forges change line ends and what is around a text. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}
