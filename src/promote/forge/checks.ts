import type { Checks, CommitStatus } from "./forge.ts";

/** A forge's word for the state of a check, in Mooring's three. What it has no word for counts as not ended. */
export function fromWord(word: string | undefined): CommitStatus["state"] {
  if (word !== undefined && passed.has(word)) return "success";
  return word !== undefined && broken.has(word) ? "failure" : "pending";
}

const passed = new Set(["success", "skipped", "neutral", "warning", "manual"]);
const broken = new Set([
  "failure",
  "error",
  "failed",
  "canceled",
  "cancelled",
  "timed_out",
  "action_required",
  "startup_failure",
  "stale",
]);

/** The checks of a commit together. A required one that nobody has reported yet is pending. */
export function combineChecks(
  statuses: readonly Pick<CommitStatus, "context" | "state">[],
  required: readonly string[] = [],
): Checks {
  const namesOf = (state: CommitStatus["state"]) =>
    statuses.filter((status) => status.state === state).map(({ context }) => context);
  const missing = required.filter((name) => !statuses.some(({ context }) => context === name));
  const [failed, pending] = [namesOf("failure"), [...namesOf("pending"), ...missing]];
  return { state: failed.length > 0 ? "failure" : pending.length > 0 ? "pending" : "success", pending, failed };
}
