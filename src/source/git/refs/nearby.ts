import { editDistance } from "../../../model/text/edit-distance.ts";

/** At most this many suggestions. */
const most = 5;

/**
 * The names that someone who wrote `wanted` may have meant: those with few letters changed, or that contain it or are
 * contained in it; the closest first. With none so close, the first few by code unit, so that the reader sees what exists.
 */
export function nearbyNames(wanted: string, existing: readonly string[]): readonly string[] {
  const ranked = existing
    .map((name) => ({ name, distance: distanceOf(wanted.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const close = ranked.filter((candidate) => candidate.distance <= limit);
  return (close.length > 0 ? close : ranked.sort((a, b) => (a.name < b.name ? -1 : 1)))
    .slice(0, most)
    .map((candidate) => candidate.name);
}

function distanceOf(a: string, b: string): number {
  if (a.length > 2 && b.length > 2 && (a.includes(b) || b.includes(a))) return 1;
  return editDistance(a.slice(0, 64), b.slice(0, 64));
}
