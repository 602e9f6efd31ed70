import type { EnvironmentStatus, HistoryEntry } from "../../../api/environment/environment-status.ts";
import { shorten } from "../../../model/text/shorten.ts";

const historyLength = 10;

/** What there is to say of a rollout that ended. */
export type NewHistory = Pick<HistoryEntry, "revision" | "digest" | "outcome" | "message">;

/**
 * The history with one more rollout, newest first; the oldest beyond ten fall off. What goes on of one that is there already,
 * as a rollback that could not delete everything, stays one entry.
 */
export function addHistory(
  at: { readonly before: EnvironmentStatus; readonly started: Date; readonly now: Date },
  entry: NewHistory,
): HistoryEntry[] {
  const { attempt, history = [] } = at.before;
  const times = { started: attempt?.started ?? at.started.toISOString(), finished: at.now.toISOString() };
  const message = entry.message === undefined ? {} : { message: shorten(entry.message, 1000) };
  const [last, ...older] = history;
  const isSame = last?.started === times.started && last.revision === entry.revision && last.outcome === entry.outcome;
  return [{ ...entry, ...message, ...times }, ...(isSame ? older : history)].slice(0, historyLength);
}
