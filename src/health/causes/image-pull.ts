/**
 * What container runtimes say when a registry could not be reached, or did not answer in time. Anything else is an
 * answer: not found, denied, no image for this platform.
 */
const UNANSWERED = [
  /time(d)? ?out/i,
  /deadline exceeded/i,
  /connection (refused|reset)/i,
  /no route to host/i,
  /network is unreachable/i,
  /no such host|server misbehaving|name resolution/i,
  /\bEOF\b/,
  /too ?many ?requests/i,
  /\b(429|500|502|503|504)\b (too|internal|bad|service|gateway)/i,
  /unexpected status[^:]{0,60}: (429|5\d\d)/i,
  /RegistryUnavailable/,
  /QPS exceeded/i,
  /no space left on device/i,
] as const;

/** Tells whether an image could not be pulled for want of an answer, so that trying again may help. */
export function isUnanswered(message: string): boolean {
  return UNANSWERED.some((pattern) => pattern.test(message));
}
