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
}

/** So many files are remembered; one that was forgotten is read again. */
const mostFiles = 5_000;

/** Remembers nothing yet. */
export function createVerifiedFiles(): VerifiedFiles {
  const files = new Map<string, ReadonlySet<string>>();
  const holders = new Map<string, Set<string>>();
  return {
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

function forget(holders: Map<string, Set<string>>, print: string, id: string): void {
  const left = holders.get(print);
  left?.delete(id);
  if (left?.size === 0) holders.delete(print);
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
