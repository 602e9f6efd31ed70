import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";

/** Memory that answers of API servers may take, in bytes. */
export interface Room {
  /** False where nothing is counted. */
  readonly isBounded: boolean;
  /** Throws `Failure` (ClusterBusy) where there is not so much left; then nothing was taken. */
  take(bytes: number): void;
  give(bytes: number): void;
}

/** The room of a cluster that is trusted. */
export const boundless: Room = { isBounded: false, take: () => undefined, give: () => undefined };

const mib = 2 ** 20;

/** Room for so much of what `whose` names, within the room that several share. */
export function createRoom(mostBytes: number, whose: string, within: Room = boundless): Room {
  let taken = 0;
  return {
    isBounded: true,
    take(bytes) {
      if (taken + bytes > mostBytes) throw full(whose, mostBytes);
      within.take(bytes);
      taken += bytes;
    },
    give(bytes) {
      within.give(bytes);
      taken -= bytes;
    },
  };
}

function full(whose: string, mostBytes: number): Failure {
  return new Failure("ClusterBusy", {
    message: `${whose} would take more than ${mostBytes / mib} MiB of memory here`,
    hint: "it is tried again; fewer Environments or smaller objects there need less",
  });
}

/** What one piece of work takes of a room, and gives back when it is over. */
export class Loan implements Disposable {
  readonly #room: Room;
  #taken = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Throws as `Room.take`. */
  take(bytes: number): void {
    this.#room.take(bytes);
    this.#taken += bytes;
  }

  /** Takes or gives back until it is so much. Throws as `Room.take`. */
  hold(bytes: number): void {
    this.take(bytes - this.#taken);
  }

  [Symbol.dispose](): void {
    this.#room.give(this.#taken);
    this.#taken = 0;
  }
}

/** What an array, an object or a member costs in V8: real ones less, those where every object has other keys twice as much. */
export const bytesPerValue = 64;

/** What an object takes at least, with the work that goes with it: so are there not too many to go through at once. */
const bytesPerObject = 12_288;

const weights = new WeakMap<KubeObject, number>();

/** What an object takes, more or less, and rather more. Worked out once. */
export function weightOf(object: KubeObject): number {
  const known = weights.get(object);
  if (known !== undefined) return known;
  const weight = Math.max(bytesPerObject, weightOfParts(object));
  weights.set(object, weight);
  return weight;
}

/** Without recursion, as it may be deep. */
function weightOfParts(whole: KubeObject): number {
  let weight = bytesPerValue;
  const pending: unknown[] = [whole];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === "string") weight += next.length;
    if (typeof next !== "object" || next === null) continue;
    const members = Object.values(next);
    weight += bytesPerValue * (members.length + 1);
    for (const member of members) pending.push(member);
  }
  return weight;
}
