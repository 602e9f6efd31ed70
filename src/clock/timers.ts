import type { Failure } from "../model/failure.ts";
import { guarded } from "./guarded.ts";

/** A timer that was set. */
export interface Alarm {
  /** It does not go off any more. */
  stop(): void;
}

/** A timer that the process need not be kept for. */
export interface LooseAlarm extends Alarm {
  /** The process may end before it goes off. */
  loosen(): void;
}

/** Called with what a callback threw; must not throw. */
export type Failed = (failure: Failure) => void;

/** Calls once, after so many milliseconds. The timers of the whole program are made here, so that none can end it. */
export function after(milliseconds: number, callback: () => void, failed: Failed): LooseAlarm {
  const timer = setTimeout(guarded(callback, failed), milliseconds);
  return { stop: () => clearTimeout(timer), loosen: () => void timer.unref() };
}

/** Calls every so many milliseconds until it is stopped. */
export function every(milliseconds: number, callback: () => void, failed: Failed): Alarm {
  const timer = setInterval(guarded(callback, failed), milliseconds);
  return { stop: () => clearInterval(timer) };
}

/** Calls once, when what is under way now has ended. */
export function soon(callback: () => void, failed: Failed): Alarm {
  const immediate = setImmediate(guarded(callback, failed));
  return { stop: () => clearImmediate(immediate) };
}
