import { formatId, type ObjectId } from "../model/object-id.ts";
import { isIll, type Target } from "../rollout/index.ts";
import { createBrake } from "./drift-brake.ts";

/** What happens to the objects of an Environment, most of it by its own passes. */
export interface Touched {
  /** An object came, changed or went. */
  note(id: ObjectId): void;
  /**
   * In how many milliseconds a pass should look at what was noted since the last question; undefined where nothing is to
   * be done about it. `healthy` is what the status says.
   */
  dueMs(target: Target, healthy: boolean): number | undefined;
  /** Drift was corrected just now. */
  corrected(): void;
}

/** Several changes often come together: they are met with one pass. */
const settleMs = 20;

/** Nothing noted. */
export function createTouched(): Touched {
  const brake = createBrake();
  const noted = new Map<string, ObjectId>();
  return {
    note: (id) => void noted.set(formatId(id), id),
    dueMs(target, healthy) {
      const concerning = [...noted.values()].some((id) => concerns(target, id, healthy));
      noted.clear();
      return concerning ? Math.max(settleMs, brake.pauseMs()) : undefined;
    },
    corrected: () => brake.hit(),
  };
}

/** Drift, or a change of health. */
function concerns(target: Target, id: ObjectId, healthy: boolean): boolean {
  const live = target.view.get(id);
  if (live === undefined || !target.verified.unmoved(id, live)) return true;
  return isIll(target, id) === healthy;
}
