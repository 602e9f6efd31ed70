import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";

/** How much memory the answers of API servers may take, in bytes. */
export interface MemoryBudget {
  /** False where nothing is counted. */
  readonly isBounded: boolean;
  /** Throws `Failure` (ClusterBusy) where not enough is left, and then reserves nothing. */
  reserve(bytes: number): void;
  release(bytes: number): void;
}

/** For a cluster that is trusted. */
export const unlimitedMemory: MemoryBudget = { isBounded: false, reserve: () => undefined, release: () => undefined };

const mib = 2 ** 20;

/** A budget for what `whose` names, as part of one that several share. */
export function createMemoryBudget(
  mostBytes: number,
  whose: string,
  within: MemoryBudget = unlimitedMemory,
): MemoryBudget {
  let reserved = 0;
  return {
    isBounded: true,
    reserve(bytes) {
      if (reserved + bytes > mostBytes) throw full(whose, mostBytes);
      within.reserve(bytes);
      reserved += bytes;
    },
    release(bytes) {
      within.release(bytes);
      reserved -= bytes;
    },
  };
}

function full(whose: string, mostBytes: number): Failure {
  return new Failure("ClusterBusy", {
    message: `${whose} would take more than ${mostBytes / mib} MiB of memory here`,
    hint: "Mooring retries; fewer Environments or smaller objects there need less memory",
  });
}

/** What one piece of work holds of a budget; released when the work is over. */
export class Reservation implements Disposable {
  readonly #budget: MemoryBudget;
  #bytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Throws as `MemoryBudget.reserve`. */
  add(bytes: number): void {
    this.#budget.reserve(bytes);
    this.#bytes += bytes;
  }

  /** Grows or shrinks to so many bytes. Throws as `MemoryBudget.reserve`. */
  resize(bytes: number): void {
    this.add(bytes - this.#bytes);
  }

  [Symbol.dispose](): void {
    this.#budget.release(this.#bytes);
    this.#bytes = 0;
  }
}

/** What an array, an object or a member costs in V8: real ones less, those where every object has other keys twice as much. */
export const bytesPerValue = 64;

/** Counted for an object at least: work per object is bounded by it too. */
const bytesPerObject = 12_288;

const estimates = new WeakMap<KubeObject, number>();

/** About how many bytes an object takes, rather too many than too few. Computed once per object. */
export function estimatedBytes(object: KubeObject): number {
  const known = estimates.get(object);
  if (known !== undefined) return known;
  const estimate = Math.max(bytesPerObject, bytesOfParts(object));
  estimates.set(object, estimate);
  return estimate;
}

/** Without recursion: the object may be nested deeply. */
function bytesOfParts(whole: KubeObject): number {
  let bytes = bytesPerValue;
  const pending: unknown[] = [whole];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === "string") bytes += next.length;
    if (typeof next !== "object" || next === null) continue;
    const members = Object.values(next);
    bytes += bytesPerValue * (members.length + 1);
    for (const member of members) pending.push(member);
  }
  return bytes;
}
