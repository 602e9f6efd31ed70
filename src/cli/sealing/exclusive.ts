import { Failure } from "../../model/failure.ts";

/** Flags of a command by name, as far as they were given. */
type Given = Readonly<Record<string, unknown>>;

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);

/**
 * What a flag makes meaningless is refused beside it, and not passed over. Throws `Failure` (UsageInvalid) naming all of
 * them.
 */
export function refuseTogether(flags: Given, flag: string, others: readonly string[]): void {
  if (!isGiven(flags[flag])) return;
  const wrong = others.filter((name) => isGiven(flags[name]));
  if (wrong.length === 0) return;
  const message = `--${flag} does not go with ${wrong.map((name) => `--${name}`).join(", ")}`;
  throw new Failure("UsageInvalid", { message, hint: "leave one of them out: it would have no effect" });
}
