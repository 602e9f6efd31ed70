import type { HttpClient } from "isomorphic-git";
import { tooLarge } from "../objects/limits.ts";

/** The two sides of a Git server: the one that gives, and the one that takes. */
export type GitService = "git-upload-pack" | "git-receive-pack";

/**
 * How one repository is spoken to: isomorphic-git's `http` port, whatever is behind it. `GET <address>/info/refs` gives
 * the references, `POST <address>/git-upload-pack` a pack.
 */
export interface GitTransport {
  /** What requests are addressed to; of a form that isomorphic-git takes. */
  readonly address: string;
  /** A client whose requests end with the signal. */
  readonly during: (signal: AbortSignal) => HttpClient;
  readonly close: () => Promise<void>;
}

/** A hundred thousand references take about seven megabytes. */
export const maxAdvertisementBytes: number = 64 * 1024 ** 2;

/** All of a body in one piece; empty where there is none. Throws `Failure` (InputTooLarge) beyond `limit` bytes. */
export async function collect(body: AsyncIterable<Uint8Array> | undefined, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > limit) throw tooLarge("bytes in its answer", limit);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
