/**
 * The order of two resourceVersions: negative where the first is older. Undefined where they have none: a version is
 * opaque, and only where both are decimal numbers, as those of the built-in kinds and of CRDs are, do they count up
 * (KEP-5504). What an aggregated API calls a version may be any text, of which only equality tells something.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!isCounted(a) || !isCounted(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** Tells whether a version is certainly older than another one. */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && (compareVersions(a, b) ?? 0) < 0;
}

const isCounted = (version: string): boolean => /^[1-9][0-9]*$/.test(version);
