import { setTimeout as pause } from "node:timers/promises";

/** How long to go on, and what for. */
export interface EventuallyOptions {
  /** Milliseconds; 30 000 unless said otherwise. */
  readonly timeout?: number;
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
}

const pollMs = 50;

/**
 * Asks until the probe gives an answer other than undefined, null and false, and hands that back. A probe that throws is
 * asked again. Throws when the time is over, with what was waited for and the probe's last error.
 */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  options: EventuallyOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const timeout = options.timeout ?? 30_000;
  const deadline = Date.now() + timeout;
  for (;;) {
    const answer = await ask(probe);
    if (answer.found) return answer.value as Exclude<T, undefined | null | false>;
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeout} ms in vain for ${options.what}`, { cause: answer.error });
    }
    await pause(pollMs);
  }
}

type Answer<T> = { readonly found: true; readonly value: T } | { readonly found: false; readonly error?: unknown };

async function ask<T>(probe: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    const value = await probe();
    return value === undefined || value === null || value === false ? { found: false } : { found: true, value };
  } catch (error) {
    return { found: false, error };
  }
}
