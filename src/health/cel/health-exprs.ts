import { Failure, type Problem } from "../../model/failure.ts";
import { groupOf } from "../../model/object-id.ts";
import { oneLine } from "../../model/text/one-line.ts";
import type { Verdict } from "../../model/verdict.ts";
import { current, gracePeriods, pending } from "../causes/suspected-cause.ts";
import type { Subject } from "../evidence/evidence.ts";
import { customResource, unseenGeneration } from "../kinds/generic.ts";
import { CelError, type CelExpression, celObject, compileCel } from "./cel.ts";

/** One entry of `spec.healthCheckExprs`: CEL over the object's top-level fields, for every object of the kind. */
export interface HealthExpr {
  readonly apiVersion: string;
  readonly kind: string;
  readonly current: string;
  readonly inProgress?: string | undefined;
  readonly failed?: string | undefined;
}

/** Compiled health expressions, by group and kind. */
export type HealthRules = ReadonlyMap<string, (subject: Subject) => Verdict>;

/** The user's rule for a kind, or undefined where there is none. */
export function ruleOf(rules: HealthRules | undefined, group: string, kind: string): ReturnType<HealthRules["get"]> {
  return rules?.get(`${group}/${kind}`);
}

type Field = "inProgress" | "failed" | "current";
/** The order in which the expressions are evaluated (Flux RFC-0009; fluxcd/pkg runtime/cel/status_evaluator.go). */
const ORDER: readonly Field[] = ["inProgress", "failed", "current"];

interface Compiled {
  readonly field: Field;
  /** `spec.healthCheckExprs[0].failed`. */
  readonly place: string;
  readonly text: string;
  readonly expression: CelExpression;
}

function compileField(field: Field, place: string, text: string): Compiled | string {
  try {
    const expression = compileCel(text);
    const { type } = expression;
    if (type !== undefined && type !== "bool" && type !== "dyn") return `must be a bool, is ${type}`;
    return { field, place, text, expression };
  } catch (thrown) {
    if (!(thrown instanceof CelError)) throw thrown;
    return oneLine(thrown.message);
  }
}

function judge(subject: Subject, compiled: readonly Compiled[]): Verdict {
  const unseen = unseenGeneration(subject);
  if (unseen !== undefined) return unseen;
  let fields: ReadonlyMap<string, unknown> | undefined;
  for (const { field, place, text, expression } of compiled) {
    try {
      fields ??= celObject(subject.object);
      const answer = expression.evaluate(fields);
      if (typeof answer !== "boolean") return unanswerable(subject, field, `\`${text}\` does not give a bool`);
      if (answer) return answered(subject, field, text);
    } catch (thrown) {
      if (!(thrown instanceof CelError)) throw thrown;
      return unanswerable(subject, thrown.isCostly ? place : field, oneLine(thrown.message));
    }
  }
  return pending(subject, "no health expression is true yet", readyCause(subject));
}

/** What the object's own Ready condition says, as a hint while the expressions decide. */
function readyCause(subject: Subject): Parameters<typeof pending>[2] {
  const verdict = customResource(subject);
  if (verdict.state !== "inProgress" || verdict.cause === undefined) return undefined;
  return { reason: verdict.cause.reason, message: verdict.cause.message, gracePeriod: gracePeriods.deadline };
}

function answered(subject: Subject, field: Field, text: string): Verdict {
  if (field === "current") return current("the health expression is true");
  const known = readyCause(subject);
  if (field === "inProgress") return pending(subject, "in progress by its health expression", known);
  const own = { reason: "HealthExprFailed", message: `\`${oneLine(text)}\` is true` };
  return pending(subject, "failed by its health expression", { ...(known ?? own), gracePeriod: gracePeriods.none });
}

/** A field the status does not hold yet looks just like a mistake, so it is reported but does not fail the object. */
function unanswerable(subject: Subject, field: string, message: string): Verdict {
  const suspected = { reason: "HealthExprError", message: `${field}: ${message}`, gracePeriod: gracePeriods.deadline };
  return pending(subject, "its health expression cannot be evaluated yet", suspected);
}

/**
 * Compiles `spec.healthCheckExprs`. Throws one `Failure` (SpecInvalid) with a problem for every expression that does
 * not compile. As in Flux, an expression replaces the built-in rule of its kind, whatever the version.
 */
export function compileHealthExprs(exprs: readonly HealthExpr[]): HealthRules {
  const problems: Problem[] = [];
  const rules = new Map<string, (subject: Subject) => Verdict>();
  for (const [index, expr] of exprs.entries()) {
    const compiled: Compiled[] = [];
    for (const field of ORDER) {
      const text = expr[field];
      if (text === undefined || text === "") continue;
      const result = compileField(field, `spec.healthCheckExprs[${index}].${field}`, text);
      if (typeof result !== "string") compiled.push(result);
      else problems.push(invalid(index, field, expr, result));
    }
    rules.set(`${groupOf(expr.apiVersion)}/${expr.kind}`, (subject) => judge(subject, compiled));
  }
  if (problems.length > 0) throw new Failure("SpecInvalid", problems);
  return rules;
}

function invalid(index: number, field: Field, expr: HealthExpr, message: string): Problem {
  return {
    field: `spec.healthCheckExprs[${index}].${field}`,
    message: `the CEL expression for ${expr.kind} (${expr.apiVersion}) does not compile: ${message}`,
  };
}
