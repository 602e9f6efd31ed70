import { createHash } from "node:crypto";
import { type BoxKey, boxKeyOf } from "../ciphertext/sealed-box.ts";
import { type OpeningKey, privateKey } from "../keys/key-ring.ts";

/** A sealed value that was opened, and the key that did it. */
export interface Opened {
  readonly keyId: string;
  readonly value: Buffer;
}

const maxBytes = 64 * 1024 * 1024;
/** What an entry takes beside its value: names, the entry itself and the object around the bytes. */
const besideValue = 400;

/**
 * What unsealing need not do twice: values already opened, by the content of their ciphertext and label, and private
 * keys already read. Holds plaintexts, so it lives as long as its owner only; the longest unused are dropped beyond 64 MiB.
 */
export class UnsealCache {
  readonly #opened = new Map<string, Opened>();
  readonly #rsaKeys = new Map<string, CryptoKey>();
  readonly #boxKeys = new Map<string, Promise<BoxKey>>();
  readonly #most: number;
  #bytes = 0;

  /** For so many bytes of values and what it takes to keep them. */
  constructor(most = maxBytes) {
    this.#most = most;
  }

  /** The value of a ciphertext, if one of these keys opened it before. A key that has gone opens nothing any more. */
  find(id: string, keys: readonly OpeningKey[]): Opened | undefined {
    const found = this.#opened.get(id);
    if (found === undefined || !keys.some((key) => key.id === found.keyId)) return undefined;
    this.#opened.delete(id);
    this.#opened.set(id, found);
    return found;
  }

  /** Remembers an opened value. */
  keep(id: string, opened: Opened): void {
    this.#forget(id);
    this.#opened.set(id, opened);
    this.#bytes += bytesOf(opened);
    for (const oldest of this.#opened.keys()) {
      if (this.#bytes <= this.#most) return;
      this.#forget(oldest);
    }
  }

  #forget(id: string): void {
    const known = this.#opened.get(id);
    if (known === undefined) return;
    this.#opened.delete(id);
    this.#bytes -= bytesOf(known);
  }

  /** The key as WebCrypto takes it. */
  rsaKey(key: OpeningKey): CryptoKey {
    const known = this.#rsaKeys.get(key.id);
    if (known !== undefined) return known;
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const made = privateKey(key.privateKeyPem).toCryptoKey(algorithm, false, ["decrypt"]);
    this.#rsaKeys.set(key.id, made);
    return made;
  }

  /** The length of the key's modulus, and so of whatever it wrapped. */
  modulusBytes(key: OpeningKey): number {
    const { algorithm } = this.rsaKey(key);
    return "modulusLength" in algorithm ? Math.ceil(Number(algorithm.modulusLength) / 8) : 0;
  }

  /** The X25519 pair beside the key. */
  boxKey(key: OpeningKey): Promise<BoxKey> {
    const known = this.#boxKeys.get(key.id);
    if (known !== undefined) return known;
    const made = boxKeyOf(key.privateKeyPem);
    this.#boxKeys.set(key.id, made);
    return made;
  }
}

function bytesOf({ value }: Opened): number {
  return value.length + besideValue;
}

/**
 * The name of a ciphertext in the cache, together with what it must be bound to: what was opened for one place is no
 * answer for another, and only what did open is kept, so that neither answers nor their speed tell of others' values.
 */
export function contentId(algorithm: string, label: string, sealedValue: string): string {
  return createHash("sha256")
    .update(JSON.stringify([algorithm, label, sealedValue]))
    .digest("base64");
}
