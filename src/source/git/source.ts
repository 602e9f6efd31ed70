import { createSingleFlight } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { Fetched, SourceOptions } from "../fetched.ts";
import { ownMachine, ownReach, type Reach } from "../reach/reach.ts";
import type { SourceRef } from "../spec.ts";
import { fetchRevision, findRef, type Known, openRepository } from "./fetch-revision.ts";
import { sourceFailure } from "./transport/source-failure.ts";

/** A repository that is polled. */
export interface Source {
  /**
   * The revision that a reference names now. Finding the commit of the last time costs one request, and none for a
   * bare commit; concurrent calls for the same reference share theirs.
   * Throws `Failure`: SourceUnreachable, SourceDenied, RefNotFound, SourceInvalid, InputTooLarge, Interrupted (the
   * signal).
   */
  readonly fetch: (ref: SourceRef, signal: AbortSignal) => Promise<Fetched>;
  /** Keeps what this reference named until the returned function is called; of references that nobody keeps, only the last few. */
  readonly keep: (ref: SourceRef) => () => void;
  /** Closes connections and gives up what was fetched. */
  readonly close: () => Promise<void>;
}

/** What Flux gives a Git operation, too. */
const defaultTimeoutMs = 60_000;

/** References that are remembered though nobody keeps them. */
const mostUnkept = 4;

/**
 * Opens a repository, within the reach of what an Environment names as its own unless another is given; no request is sent
 * before the first fetch. Throws `Failure` (SourceInvalid).
 */
export function createSource(
  url: string,
  credentials: Credentials,
  { reach, ...options }: SourceOptions & { readonly reach?: Reach },
): Source {
  const within = reach ?? ownReach(options.network ?? ownMachine);
  const repository = openRepository(url, credentials, { ...options, reach: within });
  const flights = createSingleFlight<Fetched>();
  const latest = new Map<string, Known>();
  const kept = new Map<string, number>();

  /** Bounded: a client that goes through commits must not make it remember all of them. */
  const forgetOld = (): void => {
    const unkept = [...latest.keys()].filter((key) => !kept.has(key));
    for (const key of unkept.slice(0, -mostUnkept)) latest.delete(key);
  };

  const update = async (key: string, ref: SourceRef, signal: AbortSignal): Promise<Fetched> => {
    const found = await findRef(repository, ref, signal);
    const known = latest.get(key);
    if (known !== undefined && known.want === found.want && known.objects.isOpen()) return known.fetched;
    const fresh = await fetchRevision(repository, found, known?.fetched.revision, signal);
    // The youngest come last.
    latest.delete(key);
    latest.set(key, fresh);
    forgetOld();
    return fresh.fetched;
  };

  return {
    async fetch(ref, signal) {
      const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
      const timeout = AbortSignal.timeout(timeoutMs);
      const key = JSON.stringify(ref);
      try {
        return await flights.run(key, (ends) => update(key, ref, ends), AbortSignal.any([signal, timeout]));
      } catch (thrown) {
        const { address } = repository;
        if (signal.aborted) throw new Failure("Interrupted", { message: `fetching ${address} was interrupted` });
        throw timeout.aborted ? timedOut(address, timeoutMs) : sourceFailure(thrown, address);
      }
    },
    keep(ref) {
      const key = JSON.stringify(ref);
      kept.set(key, (kept.get(key) ?? 0) + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (kept.get(key) ?? 1) - 1;
        if (left > 0) kept.set(key, left);
        else kept.delete(key);
        forgetOld();
      };
    },
    async close() {
      latest.clear();
      await repository.close();
    },
  };
}

function timedOut(address: string, ms: number): Failure {
  return new Failure("SourceUnreachable", { message: `${address} did not answer in full within ${ms / 1000} seconds` });
}
