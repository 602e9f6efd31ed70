import { compilePattern, type Pattern, PatternInvalid } from "../../model/text/pattern.ts";
import { functionOf, keysOf, type Node, nodesOf } from "./ast.ts";
import { charactersPerStep, costOf, costOfKey, operandsOf } from "./cost.ts";

/**
 * So many steps an evaluation may take: a step is a node of the expression that is evaluated, an element or a hundred
 * characters that an operator goes through. Some 50 ms at worst; the rules of Flux's cheat sheet take under a hundred.
 */
const mostSteps = 50_000;
/** What an error costs, with its stack and its excerpt. `exists` and `||` go on after one. */
const errorSteps = 50;
/** Of a list that a function makes. */
const elementsPerStep = 10;

/** Of compiling a pattern. */
const compileSteps = 100;

/** An evaluation that took more steps than it may. */
export class TooCostly extends Error {
  constructor() {
    super(`takes more than ${mostSteps} steps; use fewer macros within macros, or shorter lists and texts`);
    this.name = "TooCostly";
  }
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
