import { functionNamed } from "../functions/functions.ts";
import type { Node, Operand, Pipeline } from "../syntax/parse.ts";
import { templateError } from "../value.ts";

/**
 * Finds calls of unknown functions, and calls with too many or too few arguments, without running anything: the answer does
 * not depend on the values. Throws `templateError`, naming the function.
 */
export function checkCalls(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (node.type === "text") continue;
    checkPipeline(node.pipeline);
    if (node.type === "print") continue;
    checkCalls(node.body);
    checkCalls(node.otherwise);
  }
}

function checkPipeline({ commands }: Pipeline): void {
  for (const [index, command] of commands.entries()) checkCommand(command, index > 0 ? 1 : 0);
}

function checkCommand([first, ...rest]: readonly Operand[], piped: number): void {
  for (const operand of rest) checkOperand(operand);
  if (first === undefined) return;
  const given = rest.length + piped;
  if (first.base.type === "call") checkCall(first.base.name, given);
  else if (given > 0) throw templateError("only a function takes arguments");
  else checkOperand(first);
}

function checkOperand({ base }: Operand): void {
  if (base.type === "pipeline") checkPipeline(base.pipeline);
  if (base.type === "call") checkCall(base.name, 0);
}

function checkCall(name: string, given: number): void {
  const known = functionNamed(name);
  if (given < known.minArgs || given > known.maxArgs)
    throw templateError(`wrong number of arguments for ${name}: ${given}`);
}
