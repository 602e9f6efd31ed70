/** A commit and the name under which it was asked for. */
export interface Revision {
  /** Branch, tag, or other name; empty when a bare commit was asked for. */
  readonly ref: string;
  /** 40 hex digits. */
  readonly commit: string;
}

/** `<ref>@sha1:<commit>`, or `sha1:<commit>` for a bare commit: the format Flux writes. */
export function formatRevision(revision: Revision): string {
  const commit = `sha1:${revision.commit}`;
  return revision.ref === "" ? commit : `${revision.ref}@${commit}`;
}

/** Reads a formatted revision back; undefined where the text is not one. */
export function parseRevision(text: string): Revision | undefined {
  const match = /^(?:(?<ref>.+)@)?sha1:(?<commit>[0-9a-f]{40})$/.exec(text);
  const commit = match?.groups?.commit;
  return commit === undefined ? undefined : { ref: match?.groups?.ref ?? "", commit };
}

/** `production@sha1:0123456`: short enough for a table. */
export function shortRevision(text: string): string {
  return text.replace(/(sha1:[0-9a-f]{7})[0-9a-f]+$/, "$1");
}
