import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { Failure, type Problem } from "../model/failure.ts";
import { beyondLimits } from "./limits.ts";

/**
 * The spec of an object with every default filled in. Throws `Failure` (SpecInvalid) with one problem per field that is
 * wrong; `object` is its name in them. What is more than the schema has room for is refused before all else, and costs
 * nothing more.
 */
export function narrowSpec<Schema extends TSchema>(schema: Schema, raw: unknown, object: string): Static<Schema> {
  const tooMuch = beyondLimits(schema, raw, "spec").map((problem): Problem => ({ object, ...problem }));
  if (tooMuch.length > 0) throw new Failure("SpecInvalid", tooMuch);
  const spec: unknown = Value.Default(schema, structuredClone(raw ?? {}));
  const problems = [...Value.Errors(schema, spec)].map(
    (error): Problem => ({ object, field: `spec${error.instancePath.replaceAll("/", ".")}`, message: error.message }),
  );
  if (problems.length > 0) throw new Failure("SpecInvalid", problems);
  return spec as Static<Schema>;
}
