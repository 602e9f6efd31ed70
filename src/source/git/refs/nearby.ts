import { createPace } from "../../../clock/index.ts";
import { editDistance } from "../../../model/text/edit-distance.ts";

/** At most this many suggestions. */
const most = 5;
/** Letters of a name that are compared. */
const longest = 64;
/** Names that are compared letter by letter: a hostile server may have hundreds of thousands of the same length. */
const mostCompared = 500;

interface Candidate {
  readonly name: string;
  readonly distance: number;
}

/**
 * The names that someone who wrote `wanted` may have meant: those with few letters changed, or that contain it or are
 * contained in it; the closest first. With none so close, the first few by code unit, so that the reader sees what exists.
 * Takes time in proportion to the number of names, in slices.
 */
export async function nearbyNames(wanted: string, existing: readonly string[]): Promise<readonly string[]> {
  const pace = createPace();
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const distance = distanceFrom(wanted.toLowerCase(), limit);
  const close: Candidate[] = [];
  const first: Candidate[] = [];
  for (const name of existing) {
    await pace();
    keep(first, { name, distance: 0 });
    const candidate = { name, distance: distance(name.toLowerCase()) };
    if (candidate.distance <= limit) keep(close, candidate);
  }
  return (close.length > 0 ? close : first).map(({ name }) => name);
}

/** Puts a candidate in its place among the few best. */
function keep(best: Candidate[], candidate: Candidate): void {
  const last = best[most - 1];
  if (last !== undefined && !isBefore(candidate, last)) return;
  const place = best.findIndex((each) => isBefore(candidate, each));
  best.splice(place < 0 ? best.length : place, 0, candidate);
  if (best.length > most) best.pop();
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.distance < b.distance || (a.distance === b.distance && a.name < b.name);
}

/** The distance of a name; infinite where it is sure to be beyond the limit, and where too many names were compared. */
function distanceFrom(wanted: string, limit: number): (name: string) => number {
  let compared = 0;
  const start = wanted.slice(0, longest);
  return (name) => {
    if (wanted.length > 2 && name.length > 2 && (wanted.includes(name) || name.includes(wanted))) return 1;
    const other = name.slice(0, longest);
    // Each letter more or less is a step.
    if (Math.abs(other.length - start.length) > limit || compared === mostCompared) return Number.POSITIVE_INFINITY;
    compared += 1;
    return editDistance(start, other);
  };
}
