import { Failure } from "../../../model/failure.ts";

/** Larger than any file of manifests, and small enough to hold many times over: 32 MiB. */
const maxLength = 32 * 1024 * 1024;

/** A piece of a file that holds one document, closed by a NUL character, and the line of the file it begins on. */
export interface Piece {
  readonly text: string;
  readonly firstLine: number;
}

/** What may stand in a file: no control character but tab and line breaks, no half of a surrogate pair. */
const forbidden = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * The text of a file, with LF for CR LF. Throws `Failure`: InputTooLarge beyond 32 MiB, YamlInvalid for what is not UTF-8
 * (or UTF-16 with a byte order mark), and for control characters.
 */
export function decodeText(input: Uint8Array | string, file: string): string {
  if (input.length > maxLength) {
    const message = `the file has ${Math.ceil(input.length / 1024 / 1024)} MiB; the limit is 32 MiB`;
    throw new Failure("InputTooLarge", { message, file, hint: "split it into several files" });
  }
  const decoded = typeof input === "string" ? input : decodeBytes(input, file);
  const text = decoded.includes("\r") ? decoded.replaceAll("\r\n", "\n") : decoded;
  const match = forbidden.exec(text);
  if (match === null) return text;
  const code = (text.codePointAt(match.index) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const hint = 'write it as an escape in double quotes, as in "\\u0007"';
  throw new Failure("YamlInvalid", {
    message: `the character U+${code}is not allowed in YAML`,
    file,
    hint,
    ...place(text, match.index),
  });
}

function decodeBytes(bytes: Uint8Array, file: string): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const valid = new TextDecoder(encoding).decode(bytes);
    const hint = "save the file as UTF-8";
    throw new Failure("YamlInvalid", {
      message: "the file is not valid UTF-8",
      file,
      hint,
      ...place(valid, valid.indexOf("\ufffd")),
    });
  }
}

function place(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split("\n").length, column: at - before.lastIndexOf("\n") };
}

/**
 * The documents of a text, parted at every line that begins with `---`, as kustomize does it before it reads YAML. Nothing
 * but a comment may stand behind the dashes. Source: kyaml kio/byteio_reader.go `splitDocuments`.
 */
export function splitDocuments(text: string, file: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  let firstLine = 1;
  for (let at = text.indexOf("\n---"); at >= 0; at = text.indexOf("\n---", at + 1)) {
    const end = text.indexOf("\n", at + 4);
    if (end < 0) break;
    const line = firstLine + countLines(text, start, at + 1);
    checkSeparator(text.slice(at + 1, end), file, line);
    pieces.push(piece(text.slice(start, at + 1), firstLine));
    firstLine = line + 1;
    start = end + 1;
    at = end - 1;
  }
  pieces.push(piece(text.slice(start), firstLine));
  return pieces;
}

/** The whole text as one piece, for files of which only the first document counts. */
export const wholeText = (text: string): Piece => piece(text, 1);

const piece = (text: string, firstLine: number): Piece => ({
  text: `${text.startsWith("\ufeff") ? text.slice(1) : text}\0`,
  firstLine,
});

function checkSeparator(line: string, file: string, number: number): void {
  const rest = line.slice(3).trim();
  if (rest === "" || rest.startsWith("#")) return;
  const hint = "put the document on the lines below it, or indent the line if it belongs to a text";
  throw new Failure("YamlInvalid", {
    message: `"${line.slice(0, 40)}" is not a document separator`,
    file,
    line: number,
    column: 1,
    hint,
  });
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
