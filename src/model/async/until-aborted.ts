import { heardElsewhere } from "./heard-elsewhere.ts";
/** What the work comes to, or a rejection with the signal's reason as soon as the caller gives up; the work goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  heardElsewhere(work);
  signal.throwIfAborted();
  const gaveUp = Promise.withResolvers<never>();
  const giveUp = () => gaveUp.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work, gaveUp.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
