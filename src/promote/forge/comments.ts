/** A comment on a pull request. */
export interface KnownComment {
  readonly id: number;
  readonly text: string;
  /** The number of the account that wrote it. */
  readonly author: number | undefined;
}

/** The comments of one pull request, as a forge has them. */
export interface Comments {
  readonly list: () => Promise<readonly KnownComment[]>;
  readonly create: (text: string) => Promise<Omit<KnownComment, "text">>;
  readonly edit: (id: number, text: string) => Promise<void>;
  readonly remove: (id: number) => Promise<void>;
  /** The number of the account whose token it is; undefined where the token may not know. */
  readonly self: () => Promise<number | undefined>;
}

/**
 * Makes the comment of this account that begins with the marker say the body, or writes a new one. What somebody else wrote
 * under the marker is left alone: its author could change it afterwards. A token that may not know whose it is learns it from
 * the comment that it writes; that is taken back where there is an earlier one.
 */
export async function upsertComment(comments: Comments, marker: string, body: string): Promise<void> {
  const text = `${marker}\n${body}`;
  const marked = (await comments.list()).filter((comment) => comment.text.startsWith(marker));
  const self = marked.length === 0 ? undefined : await comments.self();
  const made = self === undefined ? await comments.create(text) : undefined;
  const author = self ?? made?.author;
  const own = marked.find((comment) => author !== undefined && comment.author === author);
  if (own === undefined) {
    if (made === undefined) await comments.create(text);
    return;
  }
  if (made !== undefined) await comments.remove(made.id);
  if (plain(own.text) !== plain(text)) await comments.edit(own.id, text);
}

/** Forges change line ends and what is around a text. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}
