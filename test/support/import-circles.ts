/**
 * The groups of files that import one another, directly or by way of others, each group sorted: the strongly connected
 * components of more than one file (Tarjan's algorithm). `imports` gives, for each file, the files that it imports.
 */
export function importCircles(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const search: Search = { imports, index: new Map(), low: new Map(), stack: [], circles: [] };
  for (const file of imports.keys()) if (!search.index.has(file)) visit(file, search);
  return search.circles;
}

interface Search {
  readonly imports: ReadonlyMap<string, readonly string[]>;
  /** The order in which files were met. */
  readonly index: Map<string, number>;
  /** The first met of the files that a file leads back to. */
  readonly low: Map<string, number>;
  readonly stack: string[];
  readonly circles: (readonly string[])[];
}

function visit(file: string, search: Search): number {
  const { imports, index, low, stack } = search;
  const own = index.size;
  index.set(file, own);
  low.set(file, own);
  stack.push(file);
  for (const target of imports.get(file) ?? []) {
    if (!imports.has(target)) continue;
    if (!index.has(target)) lower(low, file, visit(target, search));
    else if (stack.includes(target)) lower(low, file, index.get(target) ?? own);
  }
  if (low.get(file) === own) closeGroup(file, search);
  return low.get(file) ?? own;
}

function lower(low: Map<string, number>, file: string, to: number): void {
  low.set(file, Math.min(low.get(file) ?? to, to));
}

function closeGroup(first: string, { stack, circles }: Search): void {
  const group = stack.splice(stack.indexOf(first));
  if (group.length > 1) circles.push(group.toSorted());
}
