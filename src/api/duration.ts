import { Failure } from "../model/failure.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a duration must look like, as a JSON schema pattern: Go's syntax, without sign and without units below ms. */
export const durationPattern = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$";

/** The longest that a timer of Node can wait, 24 days in milliseconds; what is longer would not wait at all. */
export const longestDuration = 2 ** 31 - 1;

/** Whole milliseconds of a duration in Go's syntax (`1h30m`, `90s`), at most 24 days. Throws `Failure` (SpecInvalid) on anything else. */
export function milliseconds(duration: string): number {
  if (!new RegExp(durationPattern).test(duration)) {
    throw new Failure("SpecInvalid", {
      message: `"${duration}" is not a duration`,
      hint: "write it as 30s, 5m or 1h30m",
    });
  }
  let total = 0;
  for (const match of duration.matchAll(/([0-9.]+)(ms|s|m|h)/gy))
    total += Number(match[1]) * (units[match[2] ?? ""] ?? 0);
  return Math.min(Math.round(total), longestDuration);
}

/** Nothing is repeated more often: without a rest between, one Environment would keep its server and all its neighbours busy. */
const shortestInterval = 100;

/** The same of how often something is done: at least a tenth of a second, also where `0s` is written. */
export function intervalMilliseconds(duration: string): number {
  return Math.max(shortestInterval, milliseconds(duration));
}
