import { Failure } from "../../model/failure.ts";

/** Flags of a command by name, as far as they were given. */
type Given = Readonly<Record<string, unknown>>;

/** The flags that say which cluster to ask, as whom, and where its keys are. */
const clusterFlags = ["kubeconfig", "context", "as", "as-group", "controller-namespace"];

/**
 * Refuses the flags that say which cluster to ask, where none is asked. `why` says what is taken instead. Throws `Failure`
 * (UsageInvalid) naming all of them.
 */
export function refuseClusterFlags(
  { global, flags }: { readonly global: Given; readonly flags: Given },
  why: string,
): void {
  const given: Given = { ...flags, ...global };
  const wrong = clusterFlags.filter((name) => isGiven(given[name])).map((name) => `--${name}`);
  if (wrong.length === 0) return;
  const message = `${wrong.join(", ")} ${wrong.length === 1 ? "has" : "have"} no effect: ${why}`;
  throw new Failure("UsageInvalid", { message, hint: "remove the flags that do not apply" });
}

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
  throw new Failure("UsageInvalid", { message, hint: "remove one of them" });
}
