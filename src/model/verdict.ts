import type { ObjectId } from "./object-id.ts";

/** Why an object is not healthy, as close to the root cause as is known. */
export interface Cause {
  /** The object of the environment that is not healthy. */
  readonly object: ObjectId;
  /** A closed word for what went wrong: `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable`, … */
  readonly reason: string;
  /** What happened, in words; never holds a Secret's value. */
  readonly message: string;
  readonly pod?: string;
  readonly container?: string;
}

/**
 * The health of one object, in kstatus' words. `current` is healthy; `inProgress` may become so; `failed` will not
 * without a change. A cause may already be known while in progress.
 */
export type Verdict =
  | { readonly state: "current"; readonly message: string }
  | { readonly state: "inProgress"; readonly message: string; readonly cause?: Cause }
  | { readonly state: "failed"; readonly message: string; readonly cause: Cause }
  | { readonly state: "terminating"; readonly message: string }
  | { readonly state: "notFound"; readonly message: string };
