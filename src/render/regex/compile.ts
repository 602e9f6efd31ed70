import { type Node, parseRegex, RegexInvalid } from "./syntax.ts";

/** A step of a program that looks for a match: the numbers are the steps that come next. */
type Step =
  | { readonly kind: "character"; readonly test: (point: number) => boolean; next: number }
  | { readonly kind: "place"; readonly test: (before?: number, after?: number) => boolean; next: number }
  | { readonly kind: "fork"; next: number[] }
  | { readonly kind: "match" };

/** Larger programs are refused: `((a{100}){100}){100}` is a million steps. */
const maxSteps = 20_000;

/**
 * Compiles a regular expression of Go's syntax to a test that says whether it matches somewhere in a text. It follows all
 * ways at once and so takes time in proportion to text and expression, whatever they are. Throws `RegexInvalid`.
 */
export function compileRegex(pattern: string): (text: string) => boolean {
  const native = nativeRegex(pattern);
  if (native !== undefined) return (text) => native.test(text);
  const steps: Step[] = [];
  add(steps, { kind: "match" });
  const start = compile(steps, parseRegex(pattern), 0);
  return (text) => matches(steps, start, text);
}

/**
 * The engine's own expression where the pattern is one of the usual simple ones: names, dots, choices between them and a
 * star or two, which cannot explode.
 */
function nativeRegex(pattern: string): RegExp | undefined {
  const simple = /^\^?(?:\(\?:[\w./:@|*-]*\)|[\w./:@|*-]*)\$?$/.test(pattern);
  const stars = pattern.split("*").length - 1;
  return simple && stars <= 2 && !/(?:^|[*|(:^])\*/.test(pattern) ? new RegExp(pattern, "u") : undefined;
}

function add(steps: Step[], step: Step): number {
  if (steps.length >= maxSteps) throw new RegexInvalid("expression is too large");
  return steps.push(step) - 1;
}

/** Adds the steps of a node that go on to `next`; returns the first. */
function compile(steps: Step[], node: Node, next: number): number {
  switch (node.kind) {
    case "character":
    case "place":
      return add(steps, { ...node, next });
    case "sequence":
      return node.parts.reduceRight((after, part) => compile(steps, part, after), next);
    case "choice":
      return add(steps, { kind: "fork", next: node.options.map((option) => compile(steps, option, next)) });
    case "repeat":
      return compileRepeat(steps, node, next);
    default:
      throw new RegexInvalid(`unknown expression: ${node satisfies never}`);
  }
}

function compileRepeat(steps: Step[], { part, least, most }: Extract<Node, { kind: "repeat" }>, next: number): number {
  let after = next;
  if (most === Number.POSITIVE_INFINITY) {
    const loop: Step = { kind: "fork", next: [next] };
    after = add(steps, loop);
    loop.next.push(compile(steps, part, after));
  } else {
    for (let i = least; i < most; i++) after = add(steps, { kind: "fork", next: [next, compile(steps, part, after)] });
  }
  for (let i = 0; i < least; i++) after = compile(steps, part, after);
  return after;
}

function matches(steps: readonly Step[], start: number, text: string): boolean {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  let states = new Set<number>();
  for (let index = 0; index <= points.length; index++) {
    states.add(start);
    const reached = reach(steps, states, { before: points[index - 1], after: points[index] });
    if (reached === "match") return true;
    const point = points[index];
    if (point === undefined) break;
    states = new Set();
    for (const state of reached) {
      const step = steps[state];
      if (step?.kind === "character" && step.test(point)) states.add(step.next);
    }
  }
  return false;
}

/** All steps that can be reached without taking a character, or that a match is. */
function reach(
  steps: readonly Step[],
  states: ReadonlySet<number>,
  { before, after }: { readonly before: number | undefined; readonly after: number | undefined },
): ReadonlySet<number> | "match" {
  const reached = new Set<number>();
  const pending = [...states];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    const step = steps[state];
    if (step?.kind === "match") return "match";
    if (step?.kind === "fork") pending.push(...step.next);
    else if (step?.kind === "place" && step.test(before, after)) pending.push(step.next);
  }
  return reached;
}
