/** How many letters must be added, taken out, changed or swapped with the next one to make one word the other. */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const changed = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const steps = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, changed);
      current.push(swapped ? Math.min(steps, (before[column - 2] ?? 0) + 1) : steps);
    }
    before = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
