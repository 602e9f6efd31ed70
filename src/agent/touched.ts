import { createPace } from "../clock/index.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import { isIll, type Target } from "../rollout/index.ts";
import { createBrake } from "./drift-brake.ts";

/** What happens to the objects of an Environment, most of it by its own passes. */
export interface Touched {
  /** An object came, changed or went. */
  note(id: ObjectId): void;
  /**
   * In how many milliseconds a pass should look at what was noted since the last question, and while it is looked at;
   * undefined where nothing is to be done about it, and where the look is over before its end: what is left stays noted.
   */
  dueMs(look: Look): Promise<number | undefined>;
  /** Drift was corrected just now. */
  corrected(): void;
}

/** How what was noted is looked at. */
export interface Look {
  readonly target: Target;
  /** What the status says. */
  readonly healthy: boolean;
  /** A pass has begun, or the one that it belongs to has ended. */
  readonly isOver: () => boolean;
}

/** Several changes often come together: they are met with one pass. */
const settleMs = 20;

/** Nothing noted. */
export function createTouched(): Touched {
  const brake = createBrake();
  const noted = new Map<string, ObjectId>();
  return {
    note: (id) => void noted.set(formatId(id), id),
    async dueMs({ target, healthy, isOver }) {
      const pace = createPace();
      // What is noted meanwhile comes at the end.
      for (const [key, id] of noted) {
        if (isOver()) return undefined;
        noted.delete(key);
        if (concerns(target, id, healthy)) {
          noted.clear();
          return Math.max(settleMs, brake.pauseMs());
        }
        await pace();
      }
      return undefined;
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
