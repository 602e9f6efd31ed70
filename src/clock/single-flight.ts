import { whenOver } from "../model/async/heard-elsewhere.ts";
import { untilAborted } from "../model/async/until-aborted.ts";

/** Runs one piece of work for all concurrent callers of the same key. */
export interface SingleFlight<T> {
  /**
   * The result of the work in flight for the key, or of new work. A caller whose signal aborts gets its reason, and the
   * rest go on waiting; the work's own signal aborts when every caller has left.
   */
  run(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Resolves when the work that is in flight for the key now has ended, however it did. */
  over(key: string): Promise<void>;
}

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  callers: number;
}

/** Makes a single-flight with nothing in flight. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> => {
    const controller = new AbortController();
    const flight = { controller, callers: 0, result: work(controller.signal) };
    flights.set(key, flight);
    const end = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.result.then(end, end);
    return flight;
  };

  const leave = (key: string, flight: Flight<T>): void => {
    flight.callers--;
    if (flight.callers > 0) return;
    if (flights.get(key) === flight) flights.delete(key);
    flight.controller.abort();
  };

  return {
    async run(key, work, signal) {
      signal?.throwIfAborted();
      const flight = flights.get(key) ?? begin(key, work);
      flight.callers++;
      try {
        return await (signal === undefined ? flight.result : untilAborted(flight.result, signal));
      } finally {
        leave(key, flight);
      }
    },
    async over(key) {
      const flight = flights.get(key);
      if (flight !== undefined) await whenOver(flight.result);
    },
  };
}
