import { type Failure, toFailure } from "../model/failure.ts";

/**
 * A callback that never throws into what calls it: what it throws goes to `failed`, which must not throw. An exception in
 * a timer or a listener would otherwise end the process, and with it the work for everybody else.
 */
export function guarded<Args extends readonly unknown[]>(
  callback: (...args: Args) => void,
  failed: (failure: Failure) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      callback(...args);
    } catch (thrown) {
      failed(toFailure(thrown));
    }
  };
}
