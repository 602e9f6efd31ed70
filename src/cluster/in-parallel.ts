import { inParallel as unguarded } from "../model/in-parallel.ts";
import { interruption } from "./interruption.ts";

/** `inParallel` of the model, which an abort ends too: no further item starts, and `interruption` is thrown. */
export function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const guarded = async (item: Item, index: number): Promise<Result> => {
    if (signal.aborted) throw interruption(signal);
    return work(item, index);
  };
  return unguarded(items, limit, guarded);
}
