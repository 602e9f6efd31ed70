import type { Failure } from "../../model/failure.ts";
import { writeJson } from "../../model/json/json.ts";
import type { Task } from "../worker/tasks.ts";
import { type Owner, ownerKey } from "./fair-queue.ts";

/** What is remembered of each owner of tasks, for ten minutes. `input` identifies everything that a task depends on. */
export interface OwnerHistory {
  /** The lane in which its last task of this kind ran, if that is not long ago; `quick` for an owner that is not known. */
  laneOf(owner: Owner, kind: Task["kind"]): LaneName;
  noteLane(owner: Owner, kind: Task["kind"], lane: LaneName): void;
  /** How many of its inputs exceeded their limits. */
  overruns(owner: Owner): number;
  /** Whether that were so many that no input of it gets much more for a while. */
  isExhausted(owner: Owner): boolean;
  /** Whether `failureOf` may find anything. */
  hasFailures(owner: Owner): boolean;
  /** The failure of the same input, where it exceeded its limits or was invalid. */
  failureOf(owner: Owner, input: string): Failure | undefined;
  noteOverrun(owner: Owner, input: string, failure: Failure): void;
  /** It got no more because the owner is exhausted, and is refused for as long. */
  noteRefusal(owner: Owner, input: string, failure: Failure): void;
  /** It is invalid, and would be every time: finding that out takes time as well. */
  noteFailure(owner: Owner, input: string, failure: Failure): void;
}

/** The lanes, by how much a task takes. */
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
 * So many inputs of one owner may exceed their limits within that time. A bomb that is varied, by a comment or a file beside
 * it, is not cheaper.
 */
export const mostOverruns = 3;
const mostOthers = 5;
/** In characters; a longer failure is not remembered. */
const longestRemembered = 32 * 1024;

/** Remembers nothing yet. `now` is a clock that only goes forward, in milliseconds. */
export function createOwnerHistory(now: () => number): OwnerHistory {
  const lanes = new Map<string, { readonly lane: LaneName; readonly until: number }>();
  /** Of each owner, the newest last. */
  const overruns = new Map<string, readonly Known[]>();
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
    overruns: (owner) => of(overruns, owner).length,
    isExhausted: (owner) => of(overruns, owner).length >= mostOverruns,
    hasFailures: (owner) => of(overruns, owner).length + of(others, owner).length > 0,
    failureOf: (owner, input) =>
      [...of(overruns, owner), ...of(others, owner)].find((each) => each.input === input)?.failure,
    noteOverrun: (owner, input, failure) =>
      note(overruns, owner, { input, failure, until: now() + memoryMs }, mostOverruns),
    noteRefusal: (owner, input, failure) =>
      note(others, owner, { input, failure, until: of(overruns, owner)[0]?.until ?? now() }, mostOthers),
    noteFailure(owner, input, failure) {
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
