import { type Failure, failureClasses, toFailure } from "../../model/failure.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";

/** Makes an object again where it is gone, and answers with its resourceVersion then. */
export type Remake = (id: ObjectId, signal: AbortSignal) => Promise<string | undefined>;

/** Who hears what came of it. */
export interface RemakerListener {
  /** It was checked, and made again where there is a version. */
  readonly remade: (key: string, version: string | undefined) => void;
  readonly failed: (failure: Failure) => void;
}

/** Makes objects again that somebody deleted during a wait: single-flight for each object. */
export class Remaker {
  readonly #remake: Remake;
  readonly #listener: RemakerListener;
  readonly #running = new Set<string>();

  constructor(remake: Remake, listener: RemakerListener) {
    this.#remake = remake;
    this.#listener = listener;
  }

  /** Somebody deleted it, or our write went with the former object that was being deleted. */
  async makeIfGone(id: ObjectId, signal: AbortSignal): Promise<void> {
    const key = formatId(id);
    if (this.#running.has(key)) return;
    this.#running.add(key);
    try {
      this.#listener.remade(key, await this.#remake(id, signal));
    } catch (thrown) {
      const failure = toFailure(thrown);
      // An error says nothing against the revision: tried again at the next reassessment.
      if (failure.code === "Bug" || failureClasses[failure.code].nature === "failure") this.#listener.failed(failure);
    } finally {
      this.#running.delete(key);
    }
  }
}
