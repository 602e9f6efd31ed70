import { attempt } from "./attempt.ts";
import { checkCalls } from "./evaluation/check-calls.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import { parse } from "./syntax/parse.ts";

/**
 * What a data template gives, or why it cannot be rendered. `problem` is told of the template alone, so that it is the same
 * whatever the values are; `why` came of running it over the values, and is for nobody but who may see those.
 */
export type Rendered = { readonly text: Buffer } | { readonly problem: string; readonly why?: string };

/** All that is said of a template that went wrong over the values: which of its ways it took, they decided. */
const ranWrong = "cannot be rendered over the opened values";

/**
 * Renders a data template of a SealedSecret over its opened values. The language is Go's text/template with the functions
 * of sprig that are pure and common; whatever else is used is refused by name, never guessed. No message holds a value.
 * Whoever wrote the template may not be who may read the values: what those decide is in `why` alone.
 */
export function renderTemplate(source: Buffer, values: ReadonlyMap<string, Buffer>): Rendered {
  const dot = new Map([...values].map(([name, value]) => [name, value.toString("latin1")]));
  const read = attempt(() => parse(source.toString("latin1")));
  if ("problem" in read) return read;
  const ran = attempt(() => evaluate(read.result, dot));
  if (!("problem" in ran)) return { text: Buffer.from(ran.result, "latin1") };
  // What is wrong whatever the values are may be named, whether or not it is what stopped it.
  const anyway = attempt(() => checkCalls(read.result));
  return "problem" in anyway ? anyway : { problem: ranWrong, why: ran.problem };
}
