import type { Failure } from "../../model/failure.ts";
import { writeJson } from "../../model/json/json.ts";
import type { Task } from "../worker/tasks.ts";
import { type Owner, ownerKey } from "./fair-queue.ts";

/** What is remembered of those for whom tasks are done, for ten minutes. `input` names all that a task is about. */
export interface Conduct {
  /** Where its tasks of this kind were done last, if that is not long ago: who is unknown is quick. */
  laneOf(owner: Owner, kind: Task["kind"]): LaneName;
  noteLane(owner: Owner, kind: Task["kind"], lane: LaneName): void;
  /** How much of what it supplied took too much. */
  offences(owner: Owner): number;
  /** So much did that nothing of it is given much more for a while, whatever it is. */
  isExhausted(owner: Owner): boolean;
  /** There is something that `failureOf` may find. */
  knows(owner: Owner): boolean;
  /** What came of the very same, when it took too much or was wrong. */
  failureOf(owner: Owner, input: string): Failure | undefined;
  noteOffence(owner: Owner, input: string, failure: Failure): void;
  /** It got no more because the owner is exhausted, and is refused as long as that one is. */
  noteRefusal(owner: Owner, input: string, failure: Failure): void;
  /** It is wrong, and would be every time: to find that out takes time as well. */
  noteWrong(owner: Owner, input: string, failure: Failure): void;
}

/** Where tasks are done, by how much they take. */
export type LaneName = (typeof laneNames)[number];
export const laneNames = ["quick", "slow", "long"] as const;

interface Known {
  readonly input: string;
  readonly failure: Failure;
  readonly until: number;
}

const memoryMs = 10 * 60_000;
const mostRemembered = 10_000;
/**
 * So much of one owner may take too much within that time. Whoever varies a bomb, by a comment or a file beside it, has not
 * made it cheaper.
 */
export const mostOffences = 3;
const mostOthers = 5;
/** In characters; a longer one is found out anew each time. */
const longestRemembered = 32 * 1024;

/** Remembers nothing yet. `now` is a clock that only goes forward, in milliseconds. */
export function createConduct(now: () => number): Conduct {
  const lanes = new Map<string, { readonly lane: LaneName; readonly until: number }>();
  /** Of each owner the newest last. */
  const offences = new Map<string, readonly Known[]>();
  const others = new Map<string, readonly Known[]>();
  const of = (map: ReadonlyMap<string, readonly Known[]>, owner: Owner) =>
    (map.get(ownerKey(owner)) ?? []).filter(({ until }) => until > now());
  const note = (map: Map<string, readonly Known[]>, owner: Owner, known: Known, most: number) => {
    const before = of(map, owner).filter(({ input }) => input !== known.input);
    remember(map, ownerKey(owner), [...before, known].slice(-most));
  };
  const laneKey = (owner: Owner, kind: Task["kind"]) => `${ownerKey(owner)} ${kind}`;
  return {
    laneOf(owner, kind) {
      const last = lanes.get(laneKey(owner, kind));
      return last !== undefined && last.until > now() ? last.lane : "quick";
    },
    noteLane: (owner, kind, lane) => remember(lanes, laneKey(owner, kind), { lane, until: now() + memoryMs }),
    offences: (owner) => of(offences, owner).length,
    isExhausted: (owner) => of(offences, owner).length >= mostOffences,
    knows: (owner) => of(offences, owner).length + of(others, owner).length > 0,
    failureOf: (owner, input) =>
      [...of(offences, owner), ...of(others, owner)].find((each) => each.input === input)?.failure,
    noteOffence: (owner, input, failure) =>
      note(offences, owner, { input, failure, until: now() + memoryMs }, mostOffences),
    noteRefusal: (owner, input, failure) =>
      note(others, owner, { input, failure, until: of(offences, owner)[0]?.until ?? now() }, mostOthers),
    noteWrong(owner, input, failure) {
      if (writeJson(failure.problems).length > longestRemembered) return;
      note(others, owner, { input, failure, until: now() + memoryMs }, mostOthers);
    },
  };
}

/** Forgets the oldest of what is remembered, beyond so many. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= mostRemembered) return;
    map.delete(oldest);
  }
}
