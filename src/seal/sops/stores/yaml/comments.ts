import { Lexer } from "yaml";
import { Comment } from "../../tree.ts";

/** A comment and its position: `inline` follows something else on its line. */
interface Placed {
  readonly at: number;
  readonly column: number;
  readonly comment: Comment;
}

/** The comments of a text in their order, to be taken by the nodes that they belong to. */
export interface CommentQueue {
  /** The comments before an offset that are indented to a column at least; each is returned once. */
  before(at: number, column?: number): readonly Comment[];
  /** Those behind a value on its last line, or on the first line of a block. */
  beside(end: number): readonly Comment[];
  /** The column of an offset. */
  column(at: number): number;
}

/** Finds the comments with the parser's own lexer: where they belong, its tree does not always tell. */
export function commentQueue(text: string): CommentQueue {
  const queue = placed(text);
  let next = 0;
  const take = (wanted: (found: Placed) => boolean): readonly Comment[] => {
    const taken: Comment[] = [];
    for (let found = queue[next]; found !== undefined && wanted(found); found = queue[next]) {
      taken.push(found.comment);
      next += 1;
    }
    return taken;
  };
  return {
    column: (at) => at - text.lastIndexOf("\n", at - 1) - 1,
    before: (at, column = 0) =>
      take((found) => found.at < at && found.column >= column).map(({ text: own }) => new Comment(own, false)),
    beside: (end) => {
      const line = text.indexOf("\n", end);
      return take((found) => found.comment.inline && found.at < (line < 0 ? text.length : line));
    },
  };
}

function placed(text: string): readonly Placed[] {
  const found: Placed[] = [];
  let at = 0;
  for (const token of new Lexer().lex(text)) {
    // Four tokens are marks of the lexer, without text.
    if (token === "\u0002" || token === "\u0018" || token === "\u001f" || token === "\ufeff") continue;
    if (token.startsWith("#") && text.startsWith(token, at)) {
      const start = text.lastIndexOf("\n", at - 1) + 1;
      const inline = text.slice(start, at).trim() !== "";
      found.push({ at, column: at - start, comment: new Comment(token.slice(1).replace(/\r$/, ""), inline) });
    }
    at += token.length;
  }
  return found;
}
