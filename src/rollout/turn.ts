/** The right to work, of which there are only so many: whoever waits leaves it to others, so that what is stuck costs them nothing. */
export interface Turn {
  /**
   * What the wait comes to. While it lasts the turn is given to others, unless it is over in a moment; it is taken again, before
   * anyone who has not begun, when the last of several waits ends, however that ends: what follows, a rollback too, has its turn.
   * Throws what the wait throws, or the reason of the signal that the pass began with.
   */
  awaiting<T>(wait: () => Promise<T>): Promise<T>;
}

/** The turn of who works alone. */
export const alone: Turn = { awaiting: (wait) => wait() };
