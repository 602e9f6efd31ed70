import { attempt } from "./attempt.ts";
import type { Node, Operand, Pipeline } from "./syntax/parse.ts";
import { parse } from "./syntax/parse.ts";

/** The keys of its values that a template refers to, found without running it. */
export interface ReferencedKeys {
  /** Those it uses without a check or a default: where one is missing, it prints `<no value>` and does not fail. */
  readonly required: ReadonlySet<string>;
  /** Tells whether it may refer to a key, be it checked first, or computed as it runs. */
  mayReference(key: string): boolean;
}

/**
 * Finds the keys that a template names: `.KEY`, `$.KEY`, `index . "KEY"`, however nested. Where a key is computed as the
 * template runs, every string in it may be one; and every word of it, where it does not parse.
 */
export function referencedKeys(source: string): ReferencedKeys {
  const found: Found = { unguarded: new Set(), guarded: new Set(), strings: new Set(), computed: false };
  const root: Context = { dot: "root", variables: new Map([["$", "root"]]), guarded: false };
  const parsed = attempt(() => walk(parse(source), root, found));
  if ("problem" in parsed) {
    const words = new Set(source.match(/[\w.-]+|\w+/g)?.flatMap((word) => [word, ...word.split(/[.-]/)]));
    return { required: new Set(), mayReference: (key) => words.has(key) };
  }
  const { unguarded, guarded, strings, computed } = found;
  return {
    required: new Set([...unguarded].filter((key) => !guarded.has(key))),
    mayReference: (key) => unguarded.has(key) || guarded.has(key) || (computed && strings.has(key)),
  };
}

interface Found {
  readonly unguarded: Set<string>;
  readonly guarded: Set<string>;
  /** Every string literal in an action. */
  readonly strings: Set<string>;
  /** Whether a key is computed as the template runs. */
  computed: boolean;
}

/** What an expression is known to be: the map of all values, or a string literal. */
type Known = "root" | { readonly text: string } | undefined;

interface Context {
  readonly dot: Known;
  readonly variables: Map<string, Known>;
  /** Whether the template checks that the key is there, or has a default for it. */
  readonly guarded: boolean;
}

/** Functions that accept a missing value, or test for it. */
const guards = new Set(["default", "coalesce", "empty", "ternary", "and", "or", "not", "hasKey", "get"]);
const lookups = new Set(["index", "get", "hasKey"]);

function walk(nodes: readonly Node[], context: Context, found: Found): void {
  for (const node of nodes) {
    if (node.type === "text") continue;
    if (node.type === "print") {
      readPipeline(node.pipeline, context, found);
      continue;
    }
    const inside = { ...context, variables: new Map(context.variables) };
    const over = readPipeline(node.pipeline, { ...inside, guarded: true }, found);
    const dot = node.type === "if" ? context.dot : node.type === "with" ? over : undefined;
    // The variables of range hold members of the pipeline's value, not the value.
    if (node.type === "range") for (const name of node.pipeline.variables) inside.variables.set(name, undefined);
    walk(node.body, { ...inside, dot }, found);
    walk(node.otherwise, inside, found);
  }
}

function readPipeline({ commands, variables }: Pipeline, outer: Context, found: Found): Known {
  const context = {
    ...outer,
    guarded: outer.guarded || commands.some(([first]) => first !== undefined && isCall(first, guards)),
  };
  let result: Known;
  for (const [index, command] of commands.entries())
    result = readCommand(command, index === 0 ? [] : [result], context, found);
  for (const name of variables) outer.variables.set(name, result);
  return result;
}

function readCommand(command: readonly Operand[], piped: readonly Known[], context: Context, found: Found): Known {
  const [first, ...rest] = command;
  if (first === undefined) return undefined;
  if (first.base.type !== "call") return readOperand(first, context, found);
  const [from, key] = [...rest.map((operand) => readOperand(operand, context, found)), ...piped];
  if (isCall(first, lookups) && from === "root") {
    if (key !== undefined && key !== "root") note(key.text, context, found);
    else if (rest.length + piped.length > 1) found.computed = true;
  }
  return undefined;
}

function readOperand({ base, fields }: Operand, context: Context, found: Found): Known {
  const whole = readBase(base, context, found);
  const [key] = fields;
  if (key === undefined) return whole;
  if (whole === "root") note(key, context, found);
  return undefined;
}

function readBase(base: Operand["base"], context: Context, found: Found): Known {
  switch (base.type) {
    case "dot":
      return context.dot;
    case "variable":
      return context.variables.get(base.name);
    case "pipeline":
      return readPipeline(base.pipeline, context, found);
    case "literal":
      if (typeof base.value !== "string") return undefined;
      found.strings.add(base.value);
      return { text: base.value };
    case "call":
      return undefined;
  }
}

function note(key: string, { guarded }: Context, found: Found): void {
  (guarded ? found.guarded : found.unguarded).add(key);
}

function isCall({ base }: Operand, names: ReadonlySet<string>): boolean {
  return base.type === "call" && names.has(base.name);
}
