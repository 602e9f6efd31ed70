import type { ObjectRef } from "../../cluster/index.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import { compareVersions } from "../../model/resource-version.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";

/** Who hears about own writes. */
export interface OwnWritesListener {
  /** A write that was not certain to be seen is seen: the inventory id. */
  readonly seen: (key: string) => void;
  readonly failed: (failure: Failure) => void;
}

/** What of a target tells whether a write is seen. */
interface WritesTarget {
  readonly view: Pick<ApplyTarget["view"], "get">;
  readonly cluster: Pick<ApplyTarget["cluster"], "get">;
}

/** What was written, and whether the watches have caught up with it: before that they say nothing about it. */
export class OwnWrites {
  readonly #target: WritesTarget;
  /** The resourceVersions of what was written, by inventory id. */
  readonly #written: Map<string, string>;
  readonly #listener: OwnWritesListener;
  /** What was written and is there as the watch shows it, or later. */
  readonly #seen = new Set<string>();

  constructor(target: WritesTarget, written: ReadonlyMap<string, string>, listener: OwnWritesListener) {
    this.#target = target;
    this.#written = new Map(written);
    this.#listener = listener;
  }

  note(key: string, version: string): void {
    this.#written.set(key, version);
  }

  has(id: ObjectId): boolean {
    return this.#written.has(formatId(id));
  }

  /** Whether the view may be older than what was written. Where versions have no order, it is until the API server says otherwise. */
  isUnseen(id: ObjectId): boolean {
    const key = formatId(id);
    const written = this.#written.get(key);
    if (written === undefined || this.#seen.has(key)) return false;
    const seen = this.#target.view.get(id)?.metadata.resourceVersion;
    return seen === undefined || (compareVersions(seen, written) ?? -1) < 0;
  }

  /** Versions without an order do not tell whether another one came before or after our write: the object itself is read. */
  confirmUnseen(objects: Iterable<KubeObjectRef>, signal: AbortSignal): void {
    for (const { id, apiVersion } of objects) {
      const key = formatId(id);
      const written = this.#written.get(key);
      const seen = this.#target.view.get(id)?.metadata.resourceVersion;
      if (written === undefined || seen === undefined || compareVersions(seen, written) !== undefined) continue;
      if (!this.#seen.has(key)) void this.#confirm({ apiVersion, ...id }, id, signal);
    }
  }

  async #confirm(ref: ObjectRef, id: ObjectId, signal: AbortSignal): Promise<void> {
    try {
      const there = await this.#target.cluster.get(ref, signal);
      const seen = this.#target.view.get(id);
      if (signal.aborted) return;
      if (there === undefined || there.metadata.resourceVersion !== seen?.metadata.resourceVersion) return;
      const key = formatId(id);
      this.#seen.add(key);
      this.#listener.seen(key);
    } catch (thrown) {
      // An API server that does not answer now is asked again at the next reassessment.
      const failure = toFailure(thrown);
      if (failure.code === "Bug") this.#listener.failed(failure);
    }
  }
}
