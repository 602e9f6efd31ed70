import { attempt } from "../attempt.ts";
import type { Node, Operand, Pipeline } from "./parse.ts";
import { parse } from "./parse.ts";

/** Which of the opened values a data template works with, told without any of them. */
export interface TakenItems {
  /** What it takes and does not ask about: where one is missing, the text comes out wrong, and nothing fails. */
  readonly needed: ReadonlySet<string>;
  /** Tells whether it may take an item, also one that it asks about first, or whose name is found as it runs. */
  mayTake(name: string): boolean;
}

/**
 * Reads the items that a data template names: `.KEY`, `$.KEY`, `index . "KEY"`, in whatever it is nested. Where a name is
 * found as the template runs, every text in it may be one; and every word, where it is none that can be read here.
 */
export function takenItems(source: string): TakenItems {
  const found: Found = { needed: new Set(), asked: new Set(), texts: new Set(), dynamic: false };
  const read = attempt(() => walk(parse(source), { dot: "all", known: new Map([["$", "all"]]), asks: false }, found));
  if ("problem" in read) {
    const words = new Set(source.match(/[\w.-]+|\w+/g)?.flatMap((word) => [word, ...word.split(/[.-]/)]));
    return { needed: new Set(), mayTake: (name) => words.has(name) };
  }
  return {
    needed: new Set([...found.needed].filter((name) => !found.asked.has(name))),
    mayTake: (name) => found.needed.has(name) || found.asked.has(name) || (found.dynamic && found.texts.has(name)),
  };
}

interface Found {
  readonly needed: Set<string>;
  readonly asked: Set<string>;
  /** Every text that stands in an action. */
  readonly texts: Set<string>;
  /** Whether an item is taken by a name that is found as the template runs. */
  dynamic: boolean;
}

/** What an expression is known to be: all items together, or a text. */
type Known = "all" | { readonly text: string } | undefined;

interface Place {
  readonly dot: Known;
  readonly known: Map<string, Known>;
  /** Whether the template looks whether the item is there, or has something to put in its place. */
  readonly asks: boolean;
}

/** These make do with nothing, or are there to find it out. */
const asking = new Set(["default", "coalesce", "empty", "ternary", "and", "or", "not", "hasKey", "get"]);
const taking = new Set(["index", "get", "hasKey"]);

function walk(nodes: readonly Node[], place: Place, found: Found): void {
  for (const node of nodes) {
    if (node.type === "text") continue;
    if (node.type === "print") {
      pipe(node.pipeline, place, found);
      continue;
    }
    const inside = { ...place, known: new Map(place.known) };
    const over = pipe(node.pipeline, { ...inside, asks: true }, found);
    const dot = node.type === "if" ? place.dot : node.type === "with" ? over : undefined;
    // The members are not what the pipeline gives.
    if (node.type === "range") for (const name of node.pipeline.variables) inside.known.set(name, undefined);
    walk(node.body, { ...inside, dot }, found);
    walk(node.otherwise, inside, found);
  }
}

function pipe({ commands, variables }: Pipeline, outer: Place, found: Found): Known {
  const place = {
    ...outer,
    asks: outer.asks || commands.some(([first]) => first !== undefined && isCall(first, asking)),
  };
  let result: Known;
  for (const [index, command] of commands.entries()) result = run(command, index === 0 ? [] : [result], place, found);
  for (const name of variables) outer.known.set(name, result);
  return result;
}

function run(command: readonly Operand[], piped: readonly Known[], place: Place, found: Found): Known {
  const [first, ...rest] = command;
  if (first === undefined) return undefined;
  if (first.base.type !== "call") return read(first, place, found);
  const [from, name] = [...rest.map((operand) => read(operand, place, found)), ...piped];
  if (isCall(first, taking) && from === "all") {
    if (name !== undefined && name !== "all") take(name.text, place, found);
    else if (rest.length + piped.length > 1) found.dynamic = true;
  }
  return undefined;
}

function read({ base, fields }: Operand, place: Place, found: Found): Known {
  const whole = baseOf(base, place, found);
  const [name] = fields;
  if (name === undefined) return whole;
  if (whole === "all") take(name, place, found);
  return undefined;
}

function baseOf(base: Operand["base"], place: Place, found: Found): Known {
  switch (base.type) {
    case "dot":
      return place.dot;
    case "variable":
      return place.known.get(base.name);
    case "pipeline":
      return pipe(base.pipeline, place, found);
    case "literal":
      if (typeof base.value !== "string") return undefined;
      found.texts.add(base.value);
      return { text: base.value };
    case "call":
      return undefined;
  }
}

function take(name: string, { asks }: Place, found: Found): void {
  (asks ? found.asked : found.needed).add(name);
}

function isCall({ base }: Operand, names: ReadonlySet<string>): boolean {
  return base.type === "call" && names.has(base.name);
}
