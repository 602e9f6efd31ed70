import { functionOf, type Node } from "./ast.ts";

/** Characters that are gone through in one step. */
export const charactersPerStep = 100;

const binary = new Set(["==", "!=", "in", "+", "<", "<=", ">", ">=", "[]", "[?]"]);

/** What an operator, a function or a macro works on; a member that is named in the expression costs nothing. */
export function operandsOf({ op }: Node, [first, second]: readonly unknown[]): readonly unknown[] {
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

/** The steps of an operator, a function or a macro over its operands; `most` of them are counted of what is compared. */
export function costOf(node: Node, operands: readonly unknown[], most: number): number {
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
export function costOfKey(key: unknown): number {
  if (typeof key === "string") return 1 + key.length / charactersPerStep;
  if (key instanceof Map || isListLike(key) || isPlain(key))
    throw new Error("a list or a map cannot be the key of a map");
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
    throw new Error(`${name}() cannot parse a string of ${text.length} characters`);
  }
  if (searches.has(name) && typeof other === "string") return sizes + (text.length * other.length) / 10_000;
  return sizes;
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
