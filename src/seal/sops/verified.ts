import { createHash } from "node:crypto";
import { groupOf } from "../../model/object-id.ts";
import { findCiphertexts } from "./ciphertexts.ts";
import type { Branch } from "./tree.ts";

/** What must be verified of an object: its kind and its encrypted values. */
export interface Claim {
  readonly apiVersion: string;
  readonly kind: string;
  readonly ciphertexts: readonly string[];
}

/**
 * The files whose MAC was verified. A rendered object is decrypted value by value, since its MAC cannot be computed any
 * more: so its values must all come from one document of such a file, and be used as its kind. Each value
 * is encrypted with a nonce of its own, so that its text tells it apart.
 */
export interface VerifiedFiles {
  /** Records a verified file, by its path and the encrypted values of its documents. */
  note(path: string, documents: readonly Branch[]): void;
  /** Tells whether one document holds all values of a claim. */
  cover(claim: Claim): boolean;
}

/** The most documents that are kept; a file that was dropped is read again when needed. */
const maxDocuments = 5_000;

/** An empty record. */
export function createVerifiedFiles(): VerifiedFiles {
  const documents = new Map<string, ReadonlySet<string>>();
  const holders = new Map<string, Set<string>>();
  const noteDocument = (path: string, document: Branch) => {
    const ciphertexts = findCiphertexts(document).map(fingerprint);
    const what = whatIs(textAt(document, "apiVersion"), textAt(document, "kind"));
    const id = `${what}\n${fingerprint([path, ...ciphertexts].join())}`;
    const prints = ciphertexts.map((print) => `${what}\n${print}`);
    documents.delete(id);
    documents.set(id, new Set(prints));
    for (const print of prints) holders.set(print, (holders.get(print) ?? new Set()).add(id));
    for (const [oldest, held] of documents) {
      if (documents.size <= maxDocuments) break;
      documents.delete(oldest);
      for (const print of held) forget(holders, print, oldest);
    }
  };
  return {
    note: (path, all) => {
      for (const document of all) noteDocument(path, document);
    },
    cover({ apiVersion, kind, ciphertexts }) {
      const [first, ...others] = ciphertexts.map((text) => `${whatIs(apiVersion, kind)}\n${fingerprint(text)}`);
      if (first === undefined) return true;
      return [...(holders.get(first) ?? [])].some((id) => others.every((print) => documents.get(id)?.has(print)));
    },
  };
}

/** Versions of a kind hold the same. */
function whatIs(apiVersion: string, kind: string): string {
  return fingerprint(JSON.stringify([groupOf(apiVersion), kind]));
}

function textAt(document: Branch, key: string): string {
  const value = document.get(key);
  return typeof value === "string" ? value : "";
}

function forget(holders: Map<string, Set<string>>, print: string, id: string): void {
  const left = holders.get(print);
  left?.delete(id);
  if (left?.size === 0) holders.delete(print);
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
