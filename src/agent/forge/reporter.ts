import type { Environment } from "../../api/environment/environment.ts";
import { type Failure, toFailure } from "../../model/failure.ts";
import {
  badCommitOf,
  type CommitStatus,
  type Forge,
  type RevertOutcome,
  revert,
  type WantedStatus,
} from "../../promote/index.ts";
import type { OpenForge } from "./forges.ts";

/** What one Environment has told its forge, as far as this agent knows. Forgotten with the agent, and then asked for. */
export interface ForgeReporter {
  /**
   * Sets the statuses that are not as wanted. What the forge refuses for good, such as a status of a commit that it does
   * not have, is told to `refused` once and not tried again. Throws the other failures of `Forge`.
   */
  setStatuses(forge: Forge, wanted: readonly WantedStatus[], signal: AbortSignal): Promise<void>;
  /** Proposes to revert what was rolled back, or takes that back. Throws as `revert` does. */
  revert(environment: Environment, tools: OpenForge, signal: AbortSignal): Promise<RevertOutcome | undefined>;
}

/** Nothing told yet. */
export function createForgeReporter(refused: (failure: Failure) => void): ForgeReporter {
  const told = new Map<string, CommitStatus>();
  let settled: string | undefined;

  /** Commits whose last write got no answer: nobody knows what the forge has. */
  const doubtful = new Set<string>();

  const setStatus = async (forge: Forge, { sha, status }: WantedStatus, signal: AbortSignal): Promise<void> => {
    const found = told.has(sha) && !doubtful.has(sha) ? [] : await forge.commitStatuses(sha, signal);
    if (found.some((known) => same(known, status))) return;
    doubtful.add(sha);
    await forge.setCommitStatus(sha, status, signal);
  };
  const tell = async (forge: Forge, each: WantedStatus, signal: AbortSignal): Promise<void> => {
    const before = doubtful.has(each.sha) ? undefined : told.get(each.sha);
    if (before !== undefined && same(before, each.status)) return;
    await setStatus(forge, each, signal).catch((thrown: unknown) => {
      const failure = toFailure(thrown);
      if (failure.code !== "ForgeRefused") throw failure;
      refused(failure);
    });
    told.set(each.sha, each.status);
    doubtful.delete(each.sha);
  };
  return {
    async setStatuses(forge, wanted, signal) {
      // The newest commits come last, and matter most.
      for (const each of [...wanted].reverse()) await tell(forge, each, signal);
      const known = new Set(wanted.map(({ sha }) => sha));
      for (const [sha, status] of told) {
        if (known.has(sha)) continue;
        if (status.state === "pending") await tell(forge, { sha, status: { ...status, ...leftBehind } }, signal);
        told.delete(sha);
      }
      for (const sha of doubtful) if (!known.has(sha)) doubtful.delete(sha);
    },
    async revert(environment, tools, signal) {
      const bad = badCommitOf(environment);
      if (bad === undefined || settled === bad.commit) return undefined;
      const { namespace, name } = environment.metadata;
      const outcome = await revert(bad, `${namespace}/${name}`, tools, signal);
      if (outcome.settled) settled = bad.commit;
      return outcome;
    },
  };
}

/** A newer revision came before this one had ended. */
const leftBehind = { state: "failure", description: "left for another revision before it was healthy" } as const;

function same(known: CommitStatus, wanted: CommitStatus): boolean {
  const { context, state, description } = wanted;
  return known.context === context && known.state === state && known.description === description;
}
