import { type Failure, failureClasses, type Problem } from "../../model/failure.ts";
import { continued, onOneLine } from "../../model/text/visible.ts";
import type { Style } from "./style.ts";

/**
 * A failure as a compiler prints its errors: one line per problem, `place: error: what`, and under it the way that
 * led to the file and what to do about it. `verbose` adds the code, what it means for a retry, and the cause.
 */
export function formatFailure(failure: Failure, style: Style, verbose: boolean): string {
  const lines = failure.problems.flatMap((problem) => problemLines(problem, style, style.removed("error:")));
  if (verbose) lines.push(style.faint(`  code: ${failure.code} (retry: ${failureClasses[failure.code].retry})`));
  if (failure.code === "Bug")
    lines.push(`  ${style.hint("hint:")} this is a bug in Mooring; please report it with these lines`);
  if (verbose || failure.code === "Bug") lines.push(...causes(failure).map((line) => style.faint(`  ${line}`)));
  return `${lines.join("\n")}\n`;
}

/** An error that is told without a failure being thrown, in the same form. */
export function formatError(problem: Problem, style: Style): string {
  return `${problemLines(problem, style, style.removed("error:")).join("\n")}\n`;
}

/** A warning, in the same form: `place: warning: what`. */
export function formatWarning(problem: Problem, style: Style): string {
  return `${problemLines(problem, style, style.changed("warning:")).join("\n")}\n`;
}

function problemLines(problem: Problem, style: Style, label: string): readonly string[] {
  const lines = [place(problem) + [label, ...subject(problem), continued(problem.message)].join(" ")];
  const chain = problem.chain ?? [];
  if (chain.length > 0) lines.push(style.faint(`  by way of ${chain.map(onOneLine).join(" > ")}`));
  if (problem.hint !== undefined) lines.push(`  ${style.hint("hint:")} ${continued(problem.hint)}`);
  return lines;
}

function place(problem: Problem): string {
  if (problem.file === undefined) return "";
  const parts = [problem.file, problem.line, problem.line === undefined ? undefined : problem.column];
  return `${onOneLine(parts.filter((part) => part !== undefined).join(":"))}: `;
}

function subject(problem: Problem): readonly string[] {
  return [problem.object ?? "", problem.field ?? ""].filter((part) => part !== "").map((part) => `${onOneLine(part)}:`);
}

function causes(failure: Failure): readonly string[] {
  const lines: string[] = [];
  for (let cause: unknown = failure.cause; cause instanceof Error; cause = cause.cause)
    lines.push(...`caused by: ${cause.stack ?? cause.message}`.split("\n"));
  return lines;
}
