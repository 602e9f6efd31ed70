import type { Readable } from "node:stream";
import { after, reportBug } from "../clock/index.ts";
import { Failure } from "../model/failure.ts";

/** What an API server may answer with, so that a hostile or mistaken one costs no more. */
export interface AnswerLimits {
  /** Bytes of one answer. An object of etcd has 1.5 MiB at most; JSON and managed fields may double that. */
  readonly answerBytes: number;
  /** Bytes of one page of a list, which is asked for again in smaller pages where it has more. */
  readonly pageBytes: number;
  /** Bytes of all pages of a list. */
  readonly listBytes: number;
  /** From the first byte of an answer to its last. */
  readonly answerMs: number;
}

const mib = 2 ** 20;

/** For the cluster that the program works in, and those that its own user named. */
export const ownLimits: AnswerLimits = {
  answerBytes: 32 * mib,
  pageBytes: 64 * mib,
  listBytes: 1024 * mib,
  answerMs: 120_000,
};

/** For the clusters that tenants name: many of them are asked at once. */
export const foreignLimits: AnswerLimits = {
  answerBytes: 8 * mib,
  pageBytes: 16 * mib,
  listBytes: 128 * mib,
  answerMs: 60_000,
};

/**
 * The text of an answer's body. Throws `Failure` (ClusterUnreachable) for more than so many bytes, and for one that has not
 * come to its end in time, however steadily it comes.
 */
export async function textWithin(body: Readable, server: string, most: { bytes: number; ms: number }): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  const slow = new Failure("ClusterUnreachable", {
    message: `the API server ${server} did not come to the end of its answer within ${most.ms / 1000} s`,
  });
  const timer = after(most.ms, () => body.destroy(slow), reportBug);
  try {
    for await (const part of body) {
      parts.push(part);
      size += part.length;
      if (size > most.bytes) throw new AnswerTooLarge(server, most.bytes);
    }
    return Buffer.concat(parts).toString("utf8");
  } finally {
    timer.stop();
    body.destroy();
  }
}

/** An answer that is longer than it may be. */
export class AnswerTooLarge extends Failure {
  constructor(server: string, bytes: number) {
    super("ClusterUnreachable", { message: `the API server ${server} answers with more than ${bytes / mib} MiB` });
  }
}
