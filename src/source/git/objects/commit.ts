import { brokenPack } from "../packs/broken-pack.ts";

/** Author, committer, date and message of a commit. */
export interface CommitInfo {
  readonly author: Person;
  readonly committer: Person;
  /** RFC 3339, UTC: when it was committed. */
  readonly date: string;
  /** The first line of the message. */
  readonly subject: string;
  readonly message: string;
}

/** The two halves of `Name <mail>`. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A commit or annotated tag taken apart, each header with the lines that continue it. */
export interface HeadedObject {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly message: string;
}

/** Takes apart a commit or tag object: headers, an empty line, the message. */
export function parseHeaded(data: Buffer): HeadedObject {
  const text = data.toString("utf8");
  const empty = text.indexOf("\n\n");
  const head = empty < 0 ? text.replace(/\n$/, "") : text.slice(0, empty);
  const headers = head
    .replaceAll("\n ", "\0")
    .split("\n")
    .map((line) => {
      const [name = "", ...rest] = line.split(" ");
      return { name, value: rest.join(" ").replaceAll("\0", "\n") };
    });
  return { headers, message: empty < 0 ? "" : text.slice(empty + 2) };
}

/** The value of a header; the first where there are several. */
export function headerOf(object: HeadedObject, name: string): string | undefined {
  return object.headers.find((header) => header.name === name)?.value;
}

/** Parses a commit object; `tree` is the name of its root folder. Throws `Failure` (SourceInvalid). */
export function parseCommit(data: Buffer): { readonly tree: string; readonly info: CommitInfo } {
  const parsed = parseHeaded(data);
  const tree = headerOf(parsed, "tree") ?? "";
  if (!/^[0-9a-f]{40}$/.test(tree)) throw brokenPack("a commit has no tree");
  const { author, committer } = { author: headerOf(parsed, "author"), committer: headerOf(parsed, "committer") };
  const message = parsed.message;
  return {
    tree,
    info: {
      author: person(author ?? ""),
      committer: person(committer ?? ""),
      date: dateOf(committer ?? ""),
      subject: message.trimStart().split("\n", 1)[0] ?? "",
      message,
    },
  };
}

/** `Name <mail> 1700000000 +0100`. */
const signature = /^(?<name>[^<]*?) ?<(?<email>[^>]*)>(?: (?<seconds>-?\d{1,15}))?/;

function person(text: string): Person {
  const { name = text, email = "" } = signature.exec(text)?.groups ?? {};
  return { name, email };
}

function dateOf(text: string): string {
  const seconds = Number(signature.exec(text)?.groups?.seconds ?? 0);
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
