import type { EnvironmentStatus, HistoryEntry } from "../api/environment-status.ts";

const historyLength = 10;

/** What there is to say of a rollout that ended. */
export type NewHistory = Pick<HistoryEntry, "revision" | "digest" | "outcome" | "message">;

/** The history with one more rollout, newest first; the oldest beyond ten fall off. */
export function addHistory(
  at: { readonly before: EnvironmentStatus; readonly started: Date; readonly now: Date },
  entry: NewHistory,
): HistoryEntry[] {
  const { attempt, history = [] } = at.before;
  const times = { started: attempt?.started ?? at.started.toISOString(), finished: at.now.toISOString() };
  const message = entry.message === undefined ? {} : { message: entry.message.slice(0, 1000) };
  return [{ ...entry, ...message, ...times }, ...history].slice(0, historyLength);
}
