import type { TemplateOptions } from "../functions/arguments.ts";
import { functionNamed } from "../functions/functions.ts";
import type { Node, Operand, Pipeline } from "../syntax/parse.ts";
import { isList, isMap, isTrue, kindOf, print, sortedEntries, templateError, type Value } from "../value.ts";

interface Scope {
  readonly dot: Value;
  readonly variables: Map<string, Value>;
  readonly outer: Scope | undefined;
  readonly run: Run;
}

/** What all of one run shares. */
interface Run {
  readonly options: TemplateOptions;
  readonly output: string[];
  /** What counts against the limits. */
  written: number;
  iterations: number;
  intermediate: number;
}

/** Runs a template over a value and returns what it prints. Throws `templateError`. */
export function evaluate(nodes: readonly Node[], dot: Value, options: TemplateOptions): string {
  const run: Run = { options, output: [], written: 0, iterations: 0, intermediate: 0 };
  walk(nodes, { dot, variables: new Map([["$", dot]]), outer: undefined, run }, run);
  return run.output.join("");
}

function walk(nodes: readonly Node[], scope: Scope, run: Run): void {
  for (const node of nodes) {
    switch (node.type) {
      case "text":
        write(node.text, run);
        break;
      case "print": {
        const value = resultOf(node.pipeline, scope);
        // As the result of an action, nil prints like a missing value.
        if (node.pipeline.variables.length === 0) write(print(value ?? undefined), run);
        break;
      }
      case "range":
        walkRange(node, inner(scope, scope.dot), run);
        break;
      default:
        walkChoice(node, inner(scope, scope.dot), run);
    }
  }
}

type Branching = Extract<Node, { readonly body: readonly Node[] }>;

function walkChoice(node: Branching, scope: Scope, run: Run): void {
  const value = resultOf(node.pipeline, scope);
  if (!isTrue(value)) walk(node.otherwise, scope, run);
  else walk(node.body, node.type === "with" ? inner(scope, value) : scope, run);
}

function walkRange(node: Branching, scope: Scope, run: Run): void {
  const { variables, declares } = node.pipeline;
  const over = resultOf({ ...node.pipeline, variables: [] }, scope);
  const { iterations } = run.options.limits;
  const entries = entriesOf(over, iterations);
  if (entries.length === 0) walk(node.otherwise, scope, run);
  for (const [key, member] of entries) {
    if (++run.iterations > iterations) throw templateError(`the template iterates more than ${iterations} times`);
    const iteration = inner(scope, member);
    const given = variables.length === 2 ? [key, member] : [member];
    for (const [index, name] of variables.entries()) {
      if (declares) iteration.variables.set(name, given[index]);
      else assign(name, given[index], iteration);
    }
    walk(node.body, iteration, run);
  }
}

function entriesOf(value: Value, maxIterations: number): readonly (readonly [Value, Value])[] {
  if (value === undefined || value === null) return [];
  if (isList(value)) return value.map((member, index) => [BigInt(index), member] as const);
  if (isMap(value)) return sortedEntries(value);
  if (typeof value === "bigint" && value <= maxIterations) {
    return Array.from({ length: Math.max(0, Number(value)) }, (_, index) => [BigInt(index), BigInt(index)] as const);
  }
  throw templateError(`range cannot iterate over ${kindOf(value)}`);
}

function resultOf(pipeline: Pipeline, scope: Scope): Value {
  let value: Value;
  let piped = false;
  for (const command of pipeline.commands) {
    value = runCommand(command, scope, piped ? [value] : []);
    piped = true;
  }
  for (const name of pipeline.variables) {
    if (pipeline.declares) scope.variables.set(name, value);
    else assign(name, value, scope);
  }
  return value;
}

function runCommand(command: readonly Operand[], scope: Scope, piped: readonly Value[]): Value {
  const [first, ...rest] = command;
  if (first === undefined) return undefined;
  if (first.base.type !== "call") {
    if (rest.length + piped.length > 0) throw templateError("only a function takes arguments");
    return operandValue(first, scope);
  }
  const { name } = first.base;
  const given = rest.length + piped.length;
  const known = functionNamed(name);
  if (given < known.minArgs || given > known.maxArgs)
    throw templateError(`wrong number of arguments for ${name}: ${given}`);
  if (name === "and" || name === "or") return shortCircuit(name, rest, scope, piped);
  // A missing value becomes nil where a function takes it.
  const args = [...rest.map((operand) => operandValue(operand, scope)), ...piped].map((value) => value ?? null);
  const result = known.run(args, scope.run.options);
  count(result, scope.run);
  return fieldsOf(result, first.fields);
}

/** `and` and `or` stop at the first argument that decides the result, as Go's do since 1.18. */
function shortCircuit(name: "and" | "or", operands: readonly Operand[], scope: Scope, piped: readonly Value[]): Value {
  let value: Value;
  for (const operand of operands) {
    value = operandValue(operand, scope);
    if (isTrue(value) === (name === "or")) return value;
  }
  return piped.length > 0 ? piped[0] : value;
}

function operandValue(operand: Operand, scope: Scope): Value {
  const { base, fields } = operand;
  switch (base.type) {
    case "dot":
      return fieldsOf(scope.dot, fields);
    case "literal":
      return fieldsOf(base.value, fields);
    case "variable":
      return fieldsOf(lookUp(base.name, scope).variables.get(base.name), fields);
    case "pipeline":
      return fieldsOf(resultOf(base.pipeline, scope), fields);
    case "call":
      return runCommand([operand], scope, []);
  }
}

function fieldsOf(value: Value, fields: readonly string[]): Value {
  let current = value;
  for (const field of fields) {
    if (!isMap(current)) throw templateError(`${kindOf(current)} has no field .${field}`);
    current = current.get(field) ?? undefined;
  }
  return current;
}

function inner(outer: Scope, dot: Value): Scope {
  return { dot, variables: new Map(), outer, run: outer.run };
}

function lookUp(name: string, scope: Scope): Scope {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) if (at.variables.has(name)) return at;
  throw templateError(`the variable ${name} is not declared`);
}

function assign(name: string, value: Value, scope: Scope): void {
  lookUp(name, scope).variables.set(name, value);
}

/** Every function makes a new value of its arguments, so growth shows at each step. */
function count(made: Value, run: Run): void {
  run.intermediate += 1 + (typeof made === "string" || isList(made) ? made.length : isMap(made) ? made.size : 0);
  if (run.intermediate > run.options.limits.intermediate)
    throw templateError("the functions of the template make too much in all");
}

function write(text: string, run: Run): void {
  run.written += text.length;
  if (run.written > run.options.limits.output) throw templateError("the template writes too much");
  run.output.push(text);
}
