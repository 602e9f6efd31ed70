import { Failure } from "../../model/failure.ts";
import { evaluate } from "./evaluate.ts";
import { parse } from "./parse.ts";

/** What a data template gives, or why it cannot be rendered. */
export type Rendered = { readonly text: Buffer } | { readonly problem: string };

/**
 * Renders a data template of a SealedSecret over its opened values. The language is Go's text/template with the functions
 * of sprig that are pure and common; whatever else is used is refused by name, never guessed. No message holds a value.
 */
export function renderTemplate(source: Buffer, values: ReadonlyMap<string, Buffer>): Rendered {
  const dot = new Map([...values].map(([name, value]) => [name, value.toString("latin1")]));
  try {
    return { text: Buffer.from(evaluate(parse(source.toString("latin1")), dot), "latin1") };
  } catch (thrown) {
    if (thrown instanceof Failure) return { problem: thrown.problems.map((problem) => problem.message).join("; ") };
    // The stack ran out: parentheses or blocks inside each other, thousands deep.
    if (thrown instanceof RangeError) return { problem: "the template is nested too deeply" };
    throw thrown;
  }
}
