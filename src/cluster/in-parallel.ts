import { inParallel as unguarded } from "../model/async/in-parallel.ts";
import { abortFailure } from "./failures/abort-failure.ts";

/** `inParallel` of the model, which an abort ends too: no further item starts, and `interruption` is thrown. */
export function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const guarded = async (item: Item, index: number): Promise<Result> => {
    if (signal.aborted) throw abortFailure(signal);
    return work(item, index);
  };
  return unguarded(items, limit, guarded);
}
