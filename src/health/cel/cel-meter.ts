import { compilePattern, type Pattern, PatternInvalid } from "../../model/text/pattern.ts";

/**
 * So many steps an evaluation may take: a step is a node of the expression that is evaluated, an element or a hundred
 * characters that an operator goes through. Some 50 ms at worst; the rules of Flux's cheat sheet take under a hundred.
 */
export const mostSteps = 50_000;
/** What an error costs, with its stack and its excerpt. `exists` and `||` go on after one. */
const errorSteps = 50;
const charactersPerStep = 100;
/** Of a list that a function makes. */
const elementsPerStep = 10;

/** An evaluation that took more steps than it may. */
export class TooCostly extends Error {
  constructor() {
    super(`takes more than ${mostSteps} steps; use fewer macros within macros, or shorter lists and texts`);
    this.name = "TooCostly";
  }
}

/** The part of a node of the library's tree that is worked with here. It is plain JavaScript without types. */
interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly meta: { readonly alternate?: unknown; readonly macro?: unknown };
  evaluate: (...args: readonly unknown[]) => unknown;
  handle?: (...args: readonly unknown[]) => unknown;
}

/** Counts the steps of one evaluation after the other. */
class Steps {
  left = mostSteps;

  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new TooCostly();
  }
}

/**
 * Makes every node of a checked expression count its steps, those that macros stand for included. Returns what an
 * evaluation must run in: it throws `TooCostly` once too many were taken, whatever the expression does with errors, and
 * from then on at once: an expression that was too costly for one object is not tried on the next.
 */
export function meter(ast: unknown): <T>(evaluate: () => T) => T {
  const steps = new Steps();
  const nodes = nodesOf(ast);
  const keys = keysOf(nodes);
  for (const node of nodes) measure(node, steps, keys.has(node));
  return (evaluate) => {
    if (steps.left >= 0) steps.left = mostSteps;
    try {
      return evaluate();
    } finally {
      steps.spend(0);
    }
  };
}

function nodesOf(ast: unknown): ReadonlySet<Node> {
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
function keysOf(nodes: ReadonlySet<Node>): ReadonlySet<unknown> {
  const entries = [...nodes].flatMap(({ op, args }) => (op === "map" && Array.isArray(args) ? args : []));
  return new Set(entries.map((entry: unknown) => (Array.isArray(entry) ? entry[0] : undefined)));
}

function measure(node: Node, steps: Steps, isKey: boolean): void {
  let evaluate = node.evaluate;
  // A node takes its own shortcut when it is first evaluated; that is counted too.
  Object.defineProperty(node, "evaluate", {
    get:
      () =>
      (...args: readonly unknown[]) => {
        steps.spend(1);
        try {
          const value = evaluate.apply(node, [...args]);
          if (isKey) steps.spend(Math.ceil(costOfKey(value)));
          return value;
        } catch (thrown) {
          steps.spend(errorSteps);
          throw thrown;
        }
      },
    set: (shortcut: Node["evaluate"]) => {
      evaluate = shortcut;
    },
  });
  const { handle } = node;
  if (handle === undefined) return;
  const matched = matcher(node, steps);
  node.handle = (...args) => {
    const operands = operandsOf(node, args);
    steps.spend(Math.ceil(costOf(node, operands, steps.left)));
    const value = matched?.(operands) ?? handle(...args);
    // What splits a text makes more of it than the text tells.
    if (Array.isArray(value) && functionOf(node) !== "") steps.spend(Math.ceil(value.length / elementsPerStep));
    return value;
  };
}

const binary = new Set(["==", "!=", "in", "+", "<", "<=", ">", ">=", "[]", "[?]"]);

/** What an operator, a function or a macro works on; a member that is named in the expression costs nothing. */
function operandsOf({ op }: Node, [first, second]: readonly unknown[]): readonly unknown[] {
  if (binary.has(op)) return [first, second];
  if (op === "call" || op === "rcall") return Array.isArray(first) ? first : [];
  return op === "comprehension" ? [first] : [];
}

/** Functions that look for one text in another, for which the engine may take the product of their lengths. */
const searches = new Set(["contains", "indexOf", "lastIndexOf", "split"]);
/** What these read is short, or nothing that they can read. */
const readers = new Set(["duration", "double"]);
const longestNumber = 64;
/** A time zone is looked up anew each time. */
const zoned = /^get[A-Z]/;
const zoneSteps = 500;
/** Reading JSON makes an object of two characters. */
const stepsOfJson = 10;
const compileSteps = 100;

function costOf(node: Node, operands: readonly unknown[], most: number): number {
  const [left, right] = operands;
  switch (node.op) {
    case "==":
    case "!=":
      return costOfComparison(left, right, most);
    case "in":
      return isListLike(right) ? wholeSize(right, most) : costOfKey(left);
    case "[]":
    case "[?]":
      return costOfKey(right);
    case "comprehension":
      return Array.isArray(left) ? 0 : membersOf(left).length;
    default:
      return costOfCall(functionOf(node), operands);
  }
}

function costOfComparison(left: unknown, right: unknown, most: number): number {
  if (typeof left === "string" && typeof right === "string") {
    return 1 + Math.min(left.length, right.length) / charactersPerStep;
  }
  return typeof left === "object" && typeof right === "object" ? wholeSize(left, most) : 1;
}

function isListLike(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set;
}

/** What looking a key up goes through. Of a list or a map as a key the library would make a text, which may have no end. */
function costOfKey(key: unknown): number {
  if (typeof key === "string") return 1 + key.length / charactersPerStep;
  if (key instanceof Map || isListLike(key) || isPlain(key)) throw new Error("a list or a map is no key of a map");
  return 1;
}

function costOfCall(name: string, operands: readonly unknown[]): number {
  const [text, other] = operands;
  const zone = zoned.test(name) && operands.length > 1 ? zoneSteps : 0;
  const sizes = operands.reduce((sum: number, operand) => sum + ownSize(operand), zone);
  if (name === "join" && Array.isArray(text)) return sizes + text.length * ownSize(other);
  if (name === "json") return sizes * stepsOfJson;
  if (typeof text !== "string") return sizes;
  if (readers.has(name) && text.length > longestNumber) {
    throw new Error(`${name}() cannot read a text of ${text.length} characters`);
  }
  if (searches.has(name) && typeof other === "string") return sizes + (text.length * other.length) / 10_000;
  return sizes;
}

function functionOf({ op, args }: Node): string {
  if (op !== "call" && op !== "rcall") return "";
  const name: unknown = Array.isArray(args) ? args[0] : undefined;
  return typeof name === "string" ? name : "";
}

/** The size of a value, and of the texts in it: what joining, splitting, copying and converting go through. */
function ownSize(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length / charactersPerStep;
  if (!Array.isArray(value)) return 0;
  return value.reduce((sum: number, item) => sum + 1 + (typeof item === "string" ? ownSize(item) : 0), 0);
}

/** All that hangs on a value, up to `most`: comparing goes through it, and may meet the same part many times. */
function wholeSize(value: unknown, most: number): number {
  let size = 0;
  const pending = [value];
  while (pending.length > 0 && size <= most) {
    const next = pending.pop();
    size += 1 + (typeof next === "string" || next instanceof Uint8Array ? next.length / charactersPerStep : 0);
    const members = membersOf(next);
    if (members.length > most - size) return most + 1;
    for (const member of members) pending.push(member);
  }
  return size;
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return isPlain(value) ? Object.values(value) : [];
}

/** A map that the library made, or `json()`. */
function isPlain(value: unknown): value is object {
  const isObject = typeof value === "object" && value !== null;
  return isObject && (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);
}

/** `matches` is RE2 in CEL; the library would give the pattern to `RegExp`. */
function matcher(node: Node, steps: Steps): ((operands: readonly unknown[]) => boolean | undefined) | undefined {
  if (functionOf(node) !== "matches") return undefined;
  let last: { readonly source: string; readonly pattern: Pattern } | undefined;
  return ([text, source]) => {
    if (typeof text !== "string" || typeof source !== "string") return undefined;
    if (last?.source !== source) {
      steps.spend(compileSteps + source.length);
      last = { source, pattern: read(source) };
    }
    steps.spend(Math.ceil((last.pattern.steps * text.length) / charactersPerStep));
    return last.pattern.test(text);
  };
}

function read(source: string): Pattern {
  try {
    return compilePattern(source);
  } catch (cause) {
    if (!(cause instanceof PatternInvalid)) throw cause;
    throw new Error(`'${source}' is not a regular expression: ${cause.message}`, { cause });
  }
}
