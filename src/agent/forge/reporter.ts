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

/** What one Environment has reported to its forge. The next agent reads it from the forge. */
export interface ForgeReporter {
  /**
   * Sets the statuses that are not as wanted. What the forge refuses for good, such as a status of a commit that it does
   * not have, goes to `refused` once and is not tried again. Throws the other failures of `Forge`.
   */
  setStatuses(forge: Forge, wanted: readonly WantedStatus[], signal: AbortSignal): Promise<void>;
  /** Proposes to revert what was rolled back, or takes that back. Throws as `revert` does. */
  revert(environment: Environment, tools: OpenForge, signal: AbortSignal): Promise<RevertOutcome | undefined>;
}

/** Nothing reported yet. */
export function createForgeReporter(refused: (failure: Failure) => void): ForgeReporter {
  const reported = new Map<string, CommitStatus>();
  let settled: string | undefined;

  /** Commits whose last write got no answer: nobody knows what the forge has. */
  const doubtful = new Set<string>();

  const setStatus = async (forge: Forge, { sha, status }: WantedStatus, signal: AbortSignal): Promise<void> => {
    const found = reported.has(sha) && !doubtful.has(sha) ? [] : await forge.commitStatuses(sha, signal);
    if (found.some((known) => same(known, status))) return;
    doubtful.add(sha);
    await forge.setCommitStatus(sha, status, signal);
  };
  const report = async (forge: Forge, each: WantedStatus, signal: AbortSignal): Promise<void> => {
    const before = doubtful.has(each.sha) ? undefined : reported.get(each.sha);
    if (before !== undefined && same(before, each.status)) return;
    await setStatus(forge, each, signal).catch((thrown: unknown) => {
      const failure = toFailure(thrown);
      if (failure.code !== "ForgeRefused") throw failure;
      refused(failure);
    });
    reported.set(each.sha, each.status);
    doubtful.delete(each.sha);
  };
  return {
    async setStatuses(forge, wanted, signal) {
      // The newest commits come last, and matter most.
      for (const each of [...wanted].reverse()) await report(forge, each, signal);
      const known = new Set(wanted.map(({ sha }) => sha));
      for (const [sha, status] of reported) {
        if (known.has(sha)) continue;
        if (status.state === "pending") await report(forge, { sha, status: { ...status, ...superseded } }, signal);
        reported.delete(sha);
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
const superseded = { state: "failure", description: "left for another revision before it was healthy" } as const;

function same(known: CommitStatus, wanted: CommitStatus): boolean {
  const { context, state, description } = wanted;
  return known.context === context && known.state === state && known.description === description;
}
