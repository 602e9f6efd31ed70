/** A commit and the name by which it was requested. */
export interface Revision {
  /** Branch, tag, or other name; empty when a bare commit was requested. */
  readonly ref: string;
  /** 40 hex digits. */
  readonly commit: string;
  /**
   * 12 hex digits that say what the remote bases of the commit were that can move, such as those at a branch; absent where
   * the commit alone says what is deployed.
   */
  readonly bases?: string | undefined;
}

/**
 * `<ref>@sha1:<commit>`, or `sha1:<commit>` for a bare commit: the format Flux writes. With bases that can move,
 * `+bases:<digits>` follows.
 */
export function formatRevision({ ref, commit, bases }: Revision): string {
  const text = `${ref === "" ? "" : `${ref}@`}sha1:${commit}`;
  return bases === undefined ? text : `${text}+bases:${bases}`;
}

/** Reads a formatted revision back; undefined where the text is not one. */
export function parseRevision(text: string): Revision | undefined {
  const match = /^(?:(?<ref>.+)@)?sha1:(?<commit>[0-9a-f]{40})(?:\+bases:(?<bases>[0-9a-f]{12}))?$/.exec(text);
  const { ref = "", commit, bases } = match?.groups ?? {};
  if (commit === undefined) return undefined;
  return bases === undefined ? { ref, commit } : { ref, commit, bases };
}

/** `production@sha1:0123456`, and `+bases:89abcde`: short enough for a table. */
export function shortRevision(text: string): string {
  return text.replace(/((?:sha1|bases):[0-9a-f]{7})[0-9a-f]+(?=\+|$)/g, "$1");
}
