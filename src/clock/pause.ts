/** Waits so many milliseconds. Throws the signal's reason as soon as it aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, milliseconds);
  const giveUp = () => over.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await over.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

/** Waits so many milliseconds, or less: it is over as soon as one of the signals aborts. Never throws. */
export async function rest(milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void> {
  const over = Promise.withResolvers<void>();
  const wake = () => over.resolve();
  const timer = setTimeout(wake, milliseconds);
  for (const signal of signals) signal.addEventListener("abort", wake, { once: true });
  if (signals.some((signal) => signal.aborted)) wake();
  await over.promise;
  clearTimeout(timer);
  for (const signal of signals) signal.removeEventListener("abort", wake);
}
