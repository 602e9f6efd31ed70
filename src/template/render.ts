import { attempt } from "./attempt.ts";
import { checkCalls } from "./evaluation/check-calls.ts";
import { evaluate } from "./evaluation/evaluate.ts";
import type { TemplateOptions } from "./functions/arguments.ts";
import { parse } from "./syntax/parse.ts";
import { StringMap } from "./value.ts";

/**
 * What a template renders to, or why it does not. `overValues` is set where the problem came up while running it over the
 * values: then these decided which one it is, and somebody who may not see them must not be told.
 */
export type Rendered = { readonly text: Buffer } | { readonly problem: string; readonly overValues: boolean };

/**
 * Renders one template over named values, which are bytes, as Go's strings are. The language is Go's text/template with the
 * pure and common functions of sprig; anything else is an error that names it. Never throws for what a template holds.
 */
export function renderTemplate(
  source: Buffer,
  values: ReadonlyMap<string, Buffer>,
  options: TemplateOptions,
): Rendered {
  const dot = new StringMap([...values].map(([name, value]) => [name, value.toString("latin1")]));
  const parsed = attempt(() => parse(source.toString("latin1")));
  if ("problem" in parsed) return { problem: parsed.problem, overValues: false };
  const output = attempt(() => evaluate(parsed.result, dot, options));
  if (!("problem" in output)) return { text: Buffer.from(output.result, "latin1") };
  // A wrong call is an error whatever the values are, whether or not it is the one that stopped the run.
  const calls = attempt(() => checkCalls(parsed.result));
  if ("problem" in calls) return { problem: calls.problem, overValues: false };
  return { problem: output.problem, overValues: true };
}
