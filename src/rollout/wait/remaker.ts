import { type Failure, failureClasses, toFailure } from "../../model/failure.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";

/** Makes an object again that is gone; answers with its resourceVersion where it did. */
export type Remake = (id: ObjectId, signal: AbortSignal) => Promise<string | undefined>;

/** What is told of it. */
export interface RemakerListener {
  /** It was looked after, and made where there is a version. */
  readonly remade: (key: string, version: string | undefined) => void;
  readonly failed: (failure: Failure) => void;
}

/** Looks after objects that are gone, each once at a time. */
export class Remaker {
  readonly #remake: Remake;
  readonly #listener: RemakerListener;
  readonly #underWay = new Set<string>();

  constructor(remake: Remake, listener: RemakerListener) {
    this.#remake = remake;
    this.#listener = listener;
  }

  /** Somebody deleted it, or its earlier self has taken the write with it. */
  async lookAfter(id: ObjectId, signal: AbortSignal): Promise<void> {
    const key = formatId(id);
    if (this.#underWay.has(key)) return;
    this.#underWay.add(key);
    try {
      this.#listener.remade(key, await this.#remake(id, signal));
    } catch (thrown) {
      const failure = toFailure(thrown);
      // What the way there is to blame for is tried again with the next look.
      if (failure.code === "Bug" || failureClasses[failure.code].nature === "failure") this.#listener.failed(failure);
    } finally {
      this.#underWay.delete(key);
    }
  }
}
