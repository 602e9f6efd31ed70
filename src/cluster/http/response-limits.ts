import type { Readable } from "node:stream";
import { after, reportBug } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import { createMemoryBudget, type MemoryBudget, Reservation, unlimitedMemory } from "./memory-budget.ts";

/** Limits on the answers of an API server, which may be hostile. */
export interface ResponseLimits {
  /** Bytes of one answer. An object of etcd has 1.5 MiB at most; JSON and managed fields may double that. */
  readonly answerBytes: number;
  /** Bytes of one page of a list, which is asked for again in smaller pages where it has more. */
  readonly pageBytes: number;
  /** Bytes of one event of a watch, which is an object. */
  readonly lineBytes: number;
  /** Arrays, objects and members of one answer: they cost memory and time whatever their bytes are. */
  readonly answerValues: number;
  /** The same of one page of a list. */
  readonly pageValues: number;
  /** Bytes of all pages of a list. */
  readonly listBytes: number;
  /** From the first byte of an answer to its last. */
  readonly answerMs: number;
}

const mib = 2 ** 20;

/** For an answer that is not a success: a Status with all its causes. */
export const mostStatusValues = 20_000;

/** For the cluster that the program works in, and those that its own user named. */
export const ownLimits: ResponseLimits = {
  answerBytes: 32 * mib,
  pageBytes: 64 * mib,
  lineBytes: 16 * mib,
  // As many as an object of etcd can have.
  answerValues: 2_000_000,
  pageValues: 4_000_000,
  listBytes: 1024 * mib,
  answerMs: 120_000,
};

/** For the clusters that tenants name: many of them are asked at once. */
export const foreignLimits: ResponseLimits = {
  answerBytes: 8 * mib,
  pageBytes: 16 * mib,
  lineBytes: 8 * mib,
  answerValues: 500_000,
  pageValues: 500_000,
  listBytes: 128 * mib,
  answerMs: 60_000,
};

/** Memory for all clusters that tenants name together, and for each of them. */
const foreignBytes = 448 * mib;
const foreignBytesEach = 256 * mib;
const foreignBudget = createMemoryBudget(foreignBytes, "what is read from the clusters of all kubeconfigs");

/** The budget of one cluster that a tenant names. */
export function memoryBudgetFor(server: string): MemoryBudget {
  return createMemoryBudget(foreignBytesEach, `what the API server ${server} holds`, foreignBudget);
}

/**
 * The text of an answer's body. Throws `Failure` (ClusterUnreachable) for more than so many bytes, and for one that has not
 * come to its end in time, however steadily it comes; `ClusterBusy` where the memory budget is used up.
 */
export async function textWithin(
  body: Readable,
  server: string,
  most: { readonly bytes: number; readonly ms: number },
  reservation = new Reservation(unlimitedMemory),
): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  const slow = new Failure("ClusterUnreachable", {
    message: `the API server ${server} did not finish its answer within ${most.ms / 1000} s`,
  });
  const timer = after(most.ms, () => body.destroy(slow), reportBug);
  try {
    for await (const part of body) {
      parts.push(part);
      size += part.length;
      reservation.add(part.length);
      if (size > most.bytes) throw new ResponseTooLarge(server, most.bytes);
    }
    return Buffer.concat(parts).toString("utf8");
  } finally {
    timer.stop();
    body.destroy();
  }
}

/** An answer that exceeds its limit. */
export class ResponseTooLarge extends Failure {
  constructor(server: string, most: number | string) {
    const words = typeof most === "string" ? most : `${most / mib} MiB`;
    super("ClusterUnreachable", { message: `the API server ${server} answers with more than ${words}` });
  }
}
