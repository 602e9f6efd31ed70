import { untilAborted } from "../model/async/until-aborted.ts";

/** Runs one piece of work for everyone who asks for the same key at the same time. */
export interface SharedWork<T> {
  /** The result of the work under way for the key, or of new work. It ends early only when everyone has given up. */
  readonly run: (key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>;
}

interface UnderWay<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Makes a place for shared work. A caller who gives up gets its signal's reason; the others go on waiting. */
export function sharedWork<T>(): SharedWork<T> {
  const underWay = new Map<string, UnderWay<T>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): UnderWay<T> => {
    const controller = new AbortController();
    const begun = { controller, waiting: 0, result: work(controller.signal) };
    underWay.set(key, begun);
    const end = () => {
      if (underWay.get(key) === begun) underWay.delete(key);
    };
    begun.result.then(end, end);
    return begun;
  };

  const leave = (key: string, current: UnderWay<T>): void => {
    current.waiting--;
    if (current.waiting > 0) return;
    if (underWay.get(key) === current) underWay.delete(key);
    current.controller.abort();
  };

  return {
    async run(key, work, signal) {
      signal.throwIfAborted();
      const current = underWay.get(key) ?? begin(key, work);
      current.waiting++;
      try {
        return await untilAborted(current.result, signal);
      } finally {
        leave(key, current);
      }
    },
  };
}
