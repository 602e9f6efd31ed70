import type { Data } from "../tree.ts";

/**
 * Nests the metadata that SOPS flattens in dotenv and INI files: `age__list_0__map_enc` (`stores/flatten.go` of getsops/sops).
 * Undefined where the entries contradict each other.
 */
export function unflattened(entries: readonly (readonly [string, string])[]): ReadonlyMap<string, Data> | undefined {
  const root: Nested = new Map();
  for (const [name, value] of entries) {
    const path = name.split(/__map_|__list_/);
    const last = path.pop() ?? "";
    let at = root;
    for (const step of path) {
      const inner = at.get(step);
      if (typeof inner === "string") return undefined;
      const next: Nested = inner ?? new Map();
      at.set(step, next);
      at = next;
    }
    if (at.has(last)) return undefined;
    at.set(last, value);
  }
  return new Map([...root].map(([name, value]) => [name, listed(value)]));
}

/** Maps, since tenants choose the names: `__proto__` is one like any other. */
type Nested = Map<string, Nested | string>;

/** Maps whose keys count from zero were lists. */
function listed(value: Nested | string): Data {
  if (typeof value === "string") return value;
  const members = [...value].map(([name, member]) => [name, listed(member)] as const);
  if (!members.every(([name]) => /^\d{1,6}$/.test(name))) return new Map(members);
  return members.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, member]) => member);
}
