import { Environment } from "@marcbachmann/cel-js";
import { Failure, type Problem } from "../model/failure.ts";
import { isObject, type Json } from "../model/json.ts";
import { groupOf } from "../model/object-id.ts";
import type { Verdict } from "../model/verdict.ts";
import type { Subject } from "./evidence.ts";
import { customResource, unseenGeneration } from "./generic.ts";
import { current, patience, pending } from "./suspicion.ts";
import { oneLine } from "./wording.ts";

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
type Evaluate = (context: Record<string, unknown>) => unknown;
/** The order in which the expressions are asked (Flux RFC-0009; fluxcd/pkg runtime/cel/status_evaluator.go). */
const ORDER: readonly Field[] = ["inProgress", "failed", "current"];

interface Compiled {
  readonly field: Field;
  readonly text: string;
  readonly evaluate: Evaluate;
}

/** Whole numbers are `int` in CEL and bigint here; without this, `status.replicas - 1` would be double minus int. */
function celValue(value: Json | undefined): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (!isObject(value)) return value;
  return celObject(value);
}

function celObject(value: { readonly [key: string]: Json | undefined }): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}

function messageOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return oneLine(message.split("\n\n")[0] ?? "");
}

function compileField(celEnvironment: Environment, field: Field, text: string): Compiled | string {
  try {
    const parsed = celEnvironment.parse(text);
    const { valid, type, error } = parsed.check();
    if (!valid) return messageOf(error);
    if (type !== undefined && type !== "bool" && type !== "dyn") return `must be a bool, is ${type}`;
    return { field, text, evaluate: parsed };
  } catch (thrown) {
    return messageOf(thrown);
  }
}

function judge(subject: Subject, compiled: readonly Compiled[]): Verdict {
  const unseen = unseenGeneration(subject);
  if (unseen !== undefined) return unseen;
  const context = celObject(subject.object);
  for (const { field, text, evaluate } of compiled) {
    try {
      const answer = evaluate(context);
      if (typeof answer !== "boolean") return unanswerable(subject, field, `\`${text}\` does not give a bool`);
      if (answer) return answered(subject, field, text);
    } catch (thrown) {
      return unanswerable(subject, field, messageOf(thrown));
    }
  }
  return pending(subject, "no health expression is true yet", readySuspicion(subject));
}

/** What the object's own Ready condition says, as a hint while the expressions decide. */
function readySuspicion(subject: Subject): Parameters<typeof pending>[2] {
  const verdict = customResource(subject);
  if (verdict.state !== "inProgress" || verdict.cause === undefined) return undefined;
  return { reason: verdict.cause.reason, message: verdict.cause.message, patience: patience.deadline };
}

function answered(subject: Subject, field: Field, text: string): Verdict {
  if (field === "current") return current("the health expression is true");
  const known = readySuspicion(subject);
  if (field === "inProgress") return pending(subject, "in progress by its health expression", known);
  const own = { reason: "HealthExprFailed", message: `\`${oneLine(text)}\` is true` };
  return pending(subject, "failed by its health expression", { ...(known ?? own), patience: patience.atOnce });
}

/** A field the status does not hold yet looks just like a mistake, so it is told but does not fail the object. */
function unanswerable(subject: Subject, field: Field, message: string): Verdict {
  const suspicion = { reason: "HealthExprError", message: `${field}: ${message}`, patience: patience.deadline };
  return pending(subject, "its health expression cannot be evaluated yet", suspicion);
}

/**
 * Compiles `spec.healthCheckExprs`. Throws one `Failure` (SpecInvalid) with a problem for every expression that does
 * not compile. As in Flux, an expression replaces the built-in rule of its kind, whatever the version.
 */
export function compileHealthExprs(exprs: readonly HealthExpr[]): HealthRules {
  const celEnvironment = new Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  const problems: Problem[] = [];
  const rules = new Map<string, (subject: Subject) => Verdict>();
  for (const [index, expr] of exprs.entries()) {
    const compiled: Compiled[] = [];
    for (const field of ORDER) {
      const text = expr[field];
      if (text === undefined || text === "") continue;
      const result = compileField(celEnvironment, field, text);
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
