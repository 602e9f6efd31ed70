import { Environment } from "@marcbachmann/cel-js";
import { isObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { meter, TooCostly } from "./cel-meter.ts";

/** A compiled expression, to be evaluated for objects. */
export interface CelExpression {
  /** The type as far as it is known: `bool`, `dyn`, … */
  readonly type: string | undefined;
  /** The value over an object's top-level fields, of `celObject`. Throws `CelError`. */
  evaluate(fields: ReadonlyMap<string, unknown>): unknown;
}

/** An expression that does not compile, or has no value; the message is what its author reads. */
export class CelError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CelError";
  }

  /** Whether it is the expression's fault, whatever the object. */
  get isCostly(): boolean {
    return this.cause instanceof TooCostly;
  }
}

/** Characters of an expression. Kubernetes and Flux set no such limit; their own examples have a few hundred. */
const longest = 10_000;
const limits = { maxAstNodes: 2_000 };

/** The language as Flux has it, over variables whose types nobody declares. */
const language = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
  limits,
});

/** Compiles an expression so that its evaluation costs no more than `cel-meter.ts` allows. Throws `CelError`. */
export function compileCel(text: string): CelExpression {
  if (text.length > longest) throw new CelError(`is longer than ${longest} characters`);
  const parsed = explained(() => language.parse(text));
  const { valid, type, error } = parsed.check();
  if (!valid) throw new CelError(firstLine(error), { cause: error });
  const run = meter(parsed.ast);
  return { type, evaluate: (fields) => explained(() => run(() => parsed(fields))) };
}

function explained<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new CelError(firstLine(cause), { cause });
  }
}

/** The library goes on with an excerpt of the expression. It counts the depth of brackets, but not of signs. */
function firstLine(thrown: unknown): string {
  if (thrown instanceof RangeError) return "is nested too deeply";
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split("\n\n")[0] ?? "";
}

/** The library works out the type of a value down to its innermost part whenever it meets it. */
const deepest = 100;
/** So many values of an object are converted to CEL before an expression is evaluated. */
const mostValues = 100_000;

/**
 * An object as CEL sees it: a Map, for the library goes by an object's `constructor`, which a label may be called. Throws
 * `CelError` for one that is nested too deeply, or holds more values than an expression may be evaluated over.
 */
export function celObject(value: JsonObject): ReadonlyMap<string, unknown> {
  return new Conversion().object(value, 0);
}

class Conversion {
  #left = mostValues;

  object(value: JsonObject, depth: number): ReadonlyMap<string, unknown> {
    const fields = new Map<string, unknown>();
    for (const [key, member] of Object.entries(value)) fields.set(key, this.#value(member, depth + 1));
    return fields;
  }

  /** Whole numbers are `int` in CEL and bigint here; without this, `status.replicas - 1` would be double minus int. */
  #value(value: Json | undefined, depth: number): unknown {
    this.#left -= 1;
    if (this.#left < 0) throw new CelError(`the object holds more than ${mostValues} values`);
    if (depth > deepest) throw new CelError(`the object is nested more than ${deepest} deep`);
    if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : Number(value);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, depth + 1));
    return isObject(value) ? this.object(value, depth) : value;
  }
}
