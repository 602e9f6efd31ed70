import { Failure } from "./failure.ts";
import { isObject } from "./json/json.ts";

const missing: readonly unknown[] = ["ENOENT", "ENOTDIR"];

/**
 * For `catch` behind a look at a file: undefined where there is none. Throws `Failure` (UsageInvalid) where there is one that
 * may not be read, and whatever else was thrown.
 */
export function undefinedIfAbsent(thrown: unknown): undefined {
  const code = isObject(thrown) ? thrown.code : undefined;
  if (missing.includes(code)) return undefined;
  if (!(thrown instanceof Error) || typeof code !== "string") throw thrown;
  throw new Failure("UsageInvalid", { message: `cannot be read: ${thrown.message}` }, { cause: thrown });
}
