import { functionNamed } from "../functions/functions.ts";
import type { Node, Operand, Pipeline } from "../syntax/parse.ts";
import { isList, isMap, kindOf, print, refusal, sortedEntries, truth, type Value } from "../value.ts";

/** More than a Secret may hold; a template that writes more is stopped. */
const maxOutput = 4 * 1024 * 1024;
const maxRounds = 100_000;
/** What functions may make in all, in characters and items of lists: a template can keep what they made. */
const maxMade = 16 * 1024 * 1024;

interface Scope {
  readonly dot: Value;
  readonly variables: Map<string, Value>;
  readonly outer: Scope | undefined;
  readonly run: Run;
}

/** What all of one run shares. */
interface Run {
  readonly output: string[];
  written: number;
  rounds: number;
  made: number;
}

/** Runs a template over a value and gives what it prints. Throws `Failure` (SealInvalid), without a value in it. */
export function evaluate(nodes: readonly Node[], dot: Value): string {
  const run: Run = { output: [], written: 0, rounds: 0, made: 0 };
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
        if (node.pipeline.variables.length === 0) write(print(value), run);
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
  if (!truth(value)) walk(node.otherwise, scope, run);
  else walk(node.body, node.type === "with" ? inner(scope, value) : scope, run);
}

function walkRange(node: Branching, scope: Scope, run: Run): void {
  const { variables, declares } = node.pipeline;
  const over = resultOf({ ...node.pipeline, variables: [] }, scope);
  const entries = entriesOf(over);
  if (entries.length === 0) walk(node.otherwise, scope, run);
  for (const [key, member] of entries) {
    if (++run.rounds > maxRounds) throw refusal(`the template goes round more than ${maxRounds} times`);
    const round = inner(scope, member);
    const given = variables.length === 2 ? [key, member] : [member];
    for (const [index, name] of variables.entries()) {
      if (declares) round.variables.set(name, given[index]);
      else assign(name, given[index], round);
    }
    walk(node.body, round, run);
  }
}

function entriesOf(value: Value): readonly (readonly [Value, Value])[] {
  if (value === undefined || value === null) return [];
  if (isList(value)) return value.map((member, index) => [BigInt(index), member] as const);
  if (isMap(value)) return sortedEntries(value);
  if (typeof value === "bigint" && value <= maxRounds) {
    return Array.from({ length: Math.max(0, Number(value)) }, (_, index) => [BigInt(index), BigInt(index)] as const);
  }
  throw refusal(`range cannot go over a ${kindOf(value)}`);
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
    if (rest.length + piped.length > 0) throw refusal("only a function takes arguments");
    return operandValue(first, scope);
  }
  const { name } = first.base;
  const given = rest.length + piped.length;
  const known = functionNamed(name);
  if (given < known.least || given > known.most) throw refusal(`${name} does not take ${given} arguments`);
  if (name === "and" || name === "or") return shortCircuit(name, rest, scope, piped);
  const made = known.run([...rest.map((operand) => operandValue(operand, scope)), ...piped]);
  count(made, scope.run);
  return fieldsOf(made, first.fields);
}

/** `and` and `or` stop at the first argument that decides, as Go's do since 1.18. */
function shortCircuit(name: "and" | "or", operands: readonly Operand[], scope: Scope, piped: readonly Value[]): Value {
  let value: Value;
  for (const operand of operands) {
    value = operandValue(operand, scope);
    if (truth(value) === (name === "or")) return value;
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
    if (!isMap(current)) throw refusal(`.${field} cannot be taken from a ${kindOf(current)}`);
    current = current.get(field) ?? undefined;
  }
  return current;
}

function inner(outer: Scope, dot: Value): Scope {
  return { dot, variables: new Map(), outer, run: outer.run };
}

function lookUp(name: string, scope: Scope): Scope {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) if (at.variables.has(name)) return at;
  throw refusal(`the variable ${name} is not declared`);
}

function assign(name: string, value: Value, scope: Scope): void {
  lookUp(name, scope).variables.set(name, value);
}

/** Every function makes a new value out of what it is given, so that what grows is seen at each step. */
function count(made: Value, run: Run): void {
  run.made += 1 + (typeof made === "string" || isList(made) ? made.length : isMap(made) ? made.size : 0);
  if (run.made > maxMade) throw refusal("what the functions of the template make is more than a Secret may hold");
}

function write(text: string, run: Run): void {
  run.written += text.length;
  if (run.written > maxOutput) throw refusal("the template writes more than a Secret may hold");
  run.output.push(text);
}
