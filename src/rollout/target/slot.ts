/** A semaphore permit, released while its holder waits, so that a stuck Environment costs the others nothing. */
export interface Slot {
  /**
   * What the wait comes to. The slot is released while it lasts, unless it is over in a moment, and acquired again, ahead of
   * whoever has not begun, when the last of several waits ends, however that ends: what follows, a rollback too, has a slot.
   * Throws what the wait throws, or the reason of the signal that the pass began with.
   */
  releaseWhile<T>(wait: () => Promise<T>): Promise<T>;
}

/** For a single worker: always free. */
export const unlimitedSlot: Slot = { releaseWhile: (wait) => wait() };
