import { type ConditionReason, shortMessage } from "../../../api/conditions.ts";
import type { StatusProblem } from "../../../api/environment/environment-status.ts";
import { describeProblem, type Failure, type Problem } from "../../../model/failure.ts";
import type { Plan } from "../../../model/plan.ts";
import { shorten } from "../../../model/text/shorten.ts";
import type { NotableEvent } from "../decisions/decision.ts";

/** A status has room for so many, and for texts of so many characters in each: tenants write them. */
const mostProblems = 10;
const longestMessage = 1_000;
const longestPlace = 500;
const mostLinks = 10;
const mostLines = 20;

/** Problems as they stand in the status: the first ten, without what no status has room for. */
export function toStatusProblems(problems: readonly Problem[]): StatusProblem[] {
  return problems.slice(0, mostProblems).map(({ message, object, field, file, line, chain, hint, logs }) => ({
    message: shorten(message, longestMessage),
    ...(object === undefined ? {} : { object: place(object) }),
    ...(field === undefined ? {} : { field: place(field) }),
    ...(file === undefined ? {} : { file: place(file) }),
    ...(line === undefined ? {} : { line }),
    ...(chain === undefined ? {} : { chain: chain.slice(0, mostLinks).map(place) }),
    ...(hint === undefined ? {} : { hint: shorten(hint, longestMessage) }),
    ...(logs === undefined ? {} : { logs: logs.slice(-mostLines).map(place) }),
  }));
}

const place = (text: string): string => shorten(text, longestPlace);

/** A message has room for so many problems. */
const mostNamed = 5;

/** Warnings as one event; undefined where there is none. */
export function warningOf({ warnings = [] }: Plan): NotableEvent | undefined {
  if (warnings.length === 0) return undefined;
  const more = warnings.length > mostNamed ? `; and ${warnings.length - mostNamed} more` : "";
  const message = `${warnings.slice(0, mostNamed).map(describeProblem).join("; ")}${more}`;
  return { type: "Warning", reason: "ServerFieldsIgnored", message, standalone: true };
}

/** What the first container that has a log logged last, for an event. */
export function logsOf({ problems }: { readonly problems: readonly Problem[] }): { readonly logs?: readonly string[] } {
  const logs = problems.find((problem) => problem.logs !== undefined)?.logs;
  return logs === undefined ? {} : { logs };
}

/** The attempt has ended, and this is what came of it, and why. */
export function failedFields(reason: ConditionReason, message: string, { problems }: Failure) {
  const failed = {
    failedReason: reason,
    failedMessage: shortMessage(message),
    failedProblems: toStatusProblems(problems),
  };
  return { attempt: null, problems: null, ...failed };
}

/** No revision has failed, or the one that did was overcome. */
export const noFailure = {
  failedRevision: null,
  failedGeneration: null,
  failedReason: null,
  failedMessage: null,
  failedProblems: null,
};
