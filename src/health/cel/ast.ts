/** The part of a node of the library's tree that is worked with here. It is plain JavaScript without types. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly meta: { readonly alternate?: unknown; readonly macro?: unknown };
  evaluate: (...args: readonly unknown[]) => unknown;
  handle?: (...args: readonly unknown[]) => unknown;
}

/** All nodes of a tree, those that macros stand for included. */
export function nodesOf(ast: unknown): ReadonlySet<Node> {
  const prototype: unknown = Object.getPrototypeOf(ast);
  const isNode = (value: object): value is Node => Object.getPrototypeOf(value) === prototype;
  const nodes = new Set<Node>();
  const seen = new Set<unknown>();
  const pending: unknown[] = [ast];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isNode(value)) {
      nodes.add(value);
      pending.push(value.args, value.meta.alternate, value.meta.macro);
    } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
      pending.push(...Object.values(value));
    }
  }
  return nodes;
}

/** The nodes that give the keys of maps: what is put there becomes the name of a property, and is gone through for that. */
export function keysOf(nodes: ReadonlySet<Node>): ReadonlySet<unknown> {
  const entries = [...nodes].flatMap(({ op, args }) => (op === "map" && Array.isArray(args) ? args : []));
  return new Set(entries.map((entry: unknown) => (Array.isArray(entry) ? entry[0] : undefined)));
}

/** The function that a node calls; empty for every other node. */
export function functionOf({ op, args }: Node): string {
  if (op !== "call" && op !== "rcall") return "";
  const name: unknown = Array.isArray(args) ? args[0] : undefined;
  return typeof name === "string" ? name : "";
}
