/** The right to work, of which there are only so many: whoever waits leaves it to others, so that what is stuck costs them nothing. */
export interface Turn {
  /**
   * What the wait comes to. While it lasts the turn is given to others, unless it is over in a moment; afterwards it is taken
   * again before anyone who has not begun. Throws what the wait throws, or the signal's reason.
   */
  awaiting<T>(wait: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** The turn of who works alone. */
export const alone: Turn = { awaiting: (wait) => wait() };
