import type { Problem } from "../../model/failure.ts";
import { ownMember } from "../../model/json/json.ts";
import type { IdleRule, Unheeded } from "./command.ts";

/** What holds for every command. */
const everywhere: readonly IdleRule[] = [
  { without: "as", flags: ["as-group"], why: "give the user with --as as well" },
];

/** What a command says of flags that it could not heed. */
export interface Idle {
  readonly unheeded?: Unheeded;
  readonly idle?: readonly IdleRule[];
}

/** A problem for each of the flags given that has no effect. A switch that is off counts as not given. */
export function idleFlags(given: ReadonlySet<string>, { unheeded = {}, idle = [] }: Idle): readonly Problem[] {
  const never = [...given].flatMap((name) => {
    const hint = ownMember(unheeded, name);
    return hint === undefined ? [] : [{ message: `--${name} has no effect here`, hint }];
  });
  const left = new Set([...given].filter((name) => ownMember(unheeded, name) === undefined));
  return [...never, ...[...everywhere, ...idle].flatMap((rule) => problemsOf(left, rule))];
}

function problemsOf(given: ReadonlySet<string>, rule: IdleRule): readonly Problem[] {
  const isBeside = "beside" in rule;
  const other = isBeside ? rule.beside : rule.without;
  if (given.has(other) !== isBeside) return [];
  return rule.flags
    .filter((name) => given.has(name))
    .map((name) => ({
      message: `--${name} has no effect ${isBeside ? "with" : "without"} --${other}`,
      hint: rule.why,
    }));
}
