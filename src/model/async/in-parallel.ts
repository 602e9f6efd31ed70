import { abortFailure } from "./abort-failure.ts";

/**
 * Runs `work` on every item, at most `limit` at a time, and answers in the order of the items. The first rejection keeps
 * further items from starting; it is thrown when those under way have ended. So does an abort, with `abortFailure`.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const waiting = items.entries();
  let stopped = false;
  const worker = async () => {
    for (const [index, item] of waiting) {
      try {
        if (signal?.aborted) throw abortFailure(signal);
        results[index] = await work(item, index);
      } catch (thrown) {
        stopped = true;
        throw thrown;
      }
      if (stopped) return;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const rejected = ended.find((outcome) => outcome.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
  return results;
}
