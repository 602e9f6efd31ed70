import { createHash } from "node:crypto";

/**
 * The files whose MAC was found right. An object that a build made is opened value by value, for its MAC cannot be
 * counted any more: so only values out of one and the same such file are. Each value is encrypted with a nonce of its own,
 * so that its text tells it apart.
 */
export interface VerifiedFiles {
  /** Notes a file, by its path and what stands encrypted in it. */
  note(path: string, ciphertexts: readonly string[]): void;
  /** Tells whether one file holds all of them. */
  cover(ciphertexts: readonly string[]): boolean;
  /** Notes what was given out in plain. */
  reveal(plain: string): void;
  /** Tells whether a text holds what was given out in plain, or a line of it, or a line's value. */
  reveals(text: string): boolean;
}

/** So many files are remembered; one that was forgotten is read again. */
const mostFiles = 5_000;

/** Remembers nothing yet. */
export function createVerifiedFiles(): VerifiedFiles {
  const files = new Map<string, ReadonlySet<string>>();
  const holders = new Map<string, Set<string>>();
  const revealed = new Set<string>();
  return {
    reveal(plain) {
      for (const part of partsOf(plain)) revealed.add(part);
    },
    reveals: (text) => revealed.size > 0 && partsOf(text).some((part) => revealed.has(part)),
    note(path, ciphertexts) {
      const prints = ciphertexts.map(fingerprint);
      const id = `${path}\n${fingerprint(prints.join())}`;
      files.delete(id);
      files.set(id, new Set(prints));
      for (const print of prints) holders.set(print, (holders.get(print) ?? new Set()).add(id));
      for (const [oldest, held] of files) {
        if (files.size <= mostFiles) break;
        files.delete(oldest);
        for (const print of held) forget(holders, print, oldest);
      }
    },
    cover(ciphertexts) {
      const [first, ...others] = ciphertexts.map(fingerprint);
      if (first === undefined) return true;
      return [...(holders.get(first) ?? [])].some((id) => others.every((print) => files.get(id)?.has(print)));
    },
  };
}

/** What is shorter says nothing by itself, and stands in many places. */
const shortestPart = 6;

function partsOf(text: string): readonly string[] {
  const lines = [text, ...text.split("\n")].map((line) => line.trim());
  const values = lines.map((line) => /^[^\s=:]+ *[=:] *([^ \n].*|)$/.exec(line)?.[1] ?? "");
  const bare = [...lines, ...values].map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
  return bare.filter((part) => part.length >= shortestPart);
}

function forget(holders: Map<string, Set<string>>, print: string, id: string): void {
  const left = holders.get(print);
  left?.delete(id);
  if (left?.size === 0) holders.delete(print);
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
