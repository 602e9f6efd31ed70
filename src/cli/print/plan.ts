import { describeId } from "../../model/object-id.ts";
import type { Plan, PlannedAction } from "../../model/plan.ts";
import { dangersOf, formatChanges, formatCounts } from "../../plan/index.ts";
import { asLines } from "./lines.ts";
import type { Style } from "./style.ts";

/**
 * A plan for people, in the order of execution: `+` creates, `~` changes with every field, `-/+` deletes and creates
 * anew, `-` deletes, `!` stays although it is no longer desired, `=` is left alone; what does not change is only
 * counted. Then the sum, the digest, and why it is held where it is.
 */
export function formatPlan(plan: Plan, style: Style): string {
  const lines = plan.actions.flatMap((planned) => formatAction(planned, style));
  if (lines.length > 0) lines.push("");
  lines.push(`${style.strong("Plan:")} ${formatCounts(plan)}`, style.faint(`Digest: ${plan.digest}`));
  if (plan.hold !== undefined) {
    lines.push(`${style.removed("Held:")} ${plan.hold.reason}`);
    lines.push(...plan.hold.objects.map((id) => `  ${style.removed("-")} ${describeId(id)}`));
  }
  return asLines(lines);
}

/** What to look at twice before a plan runs, a line each; empty where there is nothing. */
export function formatDangers(plan: Plan, style: Style): string {
  const lines = dangersOf(plan).map(({ object, message }) => `${style.removed("!")} ${object}: ${message}`);
  return lines.length === 0 ? "" : asLines([style.strong("Look twice:"), ...lines, ""]);
}

function formatAction({ id, action, origin }: PlannedAction, style: Style): readonly string[] {
  const source = origin === undefined ? "" : style.faint(`  # ${[origin.file, origin.line].filter(Boolean).join(":")}`);
  const line = (text: string) => `${text}${source}`;
  const name = describeId(id);
  switch (action.type) {
    case "create":
      return [
        line(`${style.added("+")} ${name}${action.after === "deletion" ? ", once its earlier self is gone" : ""}`),
      ];
    case "update":
      return [line(`${style.changed("~")} ${name}`), ...formatChanges(action.changes, style)];
    case "recreate":
      return [
        line(`${style.removed("-")}/${style.added("+")} ${name}: ${action.reason}`),
        ...formatChanges(action.changes, style),
      ];
    case "delete":
      return [`${style.removed("-")} ${name}`];
    case "orphan":
      return [`${style.changed("!")} ${name} is kept: ${action.reason}`];
    case "skip":
      return [line(`${style.faint("=")} ${name} is left alone: ${action.reason}`)];
    case "unchanged":
      return [];
  }
}
