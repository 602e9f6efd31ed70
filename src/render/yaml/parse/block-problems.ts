import { ch } from "../scan/chars.ts";
import { type Cursor, columnOf, excerpt, invalid } from "../scan/cursor.ts";

/** A token in a column where the block cannot go on. */
export function misindented(cursor: Cursor, column: number, expected: string): Error {
  const message = `${excerpt(cursor, cursor.at)} is in column ${columnOf(cursor) + 1}, but its block began in column ${column + 1}`;
  return invalid(cursor, cursor.at, {
    message,
    hint: `expected a ${expected} in column ${column + 1}, or less indentation`,
  });
}

/** Something on the same lineafter the end of a value. */
export function trailing(cursor: Cursor): Error {
  const hint = "begin a new line, or put the whole value in quotes";
  return invalid(cursor, cursor.at, { message: `${excerpt(cursor, cursor.at)}after the end of a value`, hint });
}

/** A dash or a `?` where no block can begin. */
export function misplaced(cursor: Cursor): Error {
  const hint = "begin a new line, or quote the value if it is meant as text";
  return invalid(cursor, cursor.at, {
    message: `${excerpt(cursor, cursor.at)} cannot begin a block on this line`,
    hint,
  });
}

/** A key and a value where a value already stands, or a key over several lines. */
export function misplacedColon(cursor: Cursor): Error {
  const hint = "quote the value if the colon belongs to it, or begin a new line";
  return invalid(cursor, cursor.at, {
    message: `a second key and value ("${lineAt(cursor)}")cannot be on one line`,
    hint,
  });
}

const lineAt = (cursor: Cursor): string => excerpt(cursor, cursor.lineStart).slice(1, -1).trim();

/** A line among the members of a map that is none. */
export function noColon(cursor: Cursor, at: number): Error {
  const hint = "expected a key, a colon and a space; lines of one map begin in the same column";
  return invalid(cursor, at, { message: `${excerpt(cursor, at)} is not a key with a value`, hint });
}

/** A character with which nothing begins. */
export function unexpected(cursor: Cursor): Error {
  const isTab = cursor.text.charCodeAt(cursor.at) === ch.tab;
  const hint = isTab ? "indent with spaces" : "quote the value if it is meant as text";
  const what = isTab ? "a tab" : excerpt(cursor, cursor.at);
  return invalid(cursor, cursor.at, { message: `${what}where a key or a value is expected`, hint });
}
