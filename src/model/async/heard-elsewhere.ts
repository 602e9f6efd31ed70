/**
 * Says that the failure of some work is heard by whoever awaits its result: without that, Node would end the process where
 * the work fails before anybody does.
 */
export function heardElsewhere(work: Promise<unknown>): void {
  work.then(undefined, () => undefined);
}

/** Resolves when the work is over, however it ended: that is heard by whoever awaits its result. */
export async function whenOver(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
