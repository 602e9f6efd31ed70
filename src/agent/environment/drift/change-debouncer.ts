import { createPace, reportBug } from "../../../clock/index.ts";
import { formatId, type ObjectId } from "../../../model/object-id.ts";
import { type ApplyTarget, isUnhealthy } from "../../../rollout/index.ts";
import { createDriftBackoff } from "./drift-backoff.ts";

/** Changes to the objects of an Environment, most of them made by its own passes. */
export interface ChangeDebouncer {
  /** An object came, changed or went. It is checked now where no pass is under way, else at the end of that. */
  note(id: ObjectId): void;
  /** Checks what was noted, and is noted meanwhile, until `isOver`; what is left then stays noted. */
  check(target: ApplyTarget, isOver: () => boolean): Promise<void>;
  /** Drift was corrected just now. */
  corrected(): void;
}

/** The Environment whose objects change. */
export interface ChangeDebouncerContext {
  readonly isBusy: () => boolean;
  readonly target: () => ApplyTarget | undefined;
  /** What the status says. */
  readonly isHealthy: () => boolean;
  /** A pass is due in so many milliseconds. */
  readonly wakeIn: (ms: number) => void;
}

/** Several changes often come together: they are met with one pass. */
const settleMs = 20;

/** Nothing noted. */
export function createChangeDebouncer({
  isBusy,
  target: current,
  isHealthy,
  wakeIn,
}: ChangeDebouncerContext): ChangeDebouncer {
  const backoff = createDriftBackoff();
  const noted = new Map<string, ObjectId>();
  let isChecking = false;

  async function check(target: ApplyTarget, isOver: () => boolean): Promise<void> {
    const healthy = isHealthy();
    const pace = createPace();
    // What is noted meanwhile comes at the end.
    for (const [key, id] of noted) {
      if (isOver()) return;
      noted.delete(key);
      if (needsPass(target, id, healthy)) {
        noted.clear();
        return wakeIn(Math.max(settleMs, backoff.pauseMs()));
      }
      await pace();
    }
  }

  return {
    note(id) {
      noted.set(formatId(id), id);
      const target = current();
      if (isBusy() || isChecking || target === undefined) return;
      isChecking = true;
      const checked = check(target, () => isBusy() || target.view.closed.aborted);
      checked.catch(reportBug).finally(() => {
        isChecking = false;
      });
    },
    check,
    corrected: () => backoff.noteCorrection(),
  };
}

/** Drift, or a change of health. */
function needsPass(target: ApplyTarget, id: ObjectId, healthy: boolean): boolean {
  const live = target.view.get(id);
  if (live === undefined || !target.comparisons.isUnchanged(id, live)) return true;
  return isUnhealthy(target, id) === healthy;
}
