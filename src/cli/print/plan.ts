import { structuredPatch } from "diff";
import type { Json } from "../../model/json.ts";
import { describeId } from "../../model/object-id.ts";
import type { Action, FieldChange, Plan, PlannedAction } from "../../model/plan.ts";
import { dangersOf } from "../../plan/index.ts";
import { fieldPath } from "./field-path.ts";
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
  return `${lines.join("\n")}\n`;
}

/** What to look at twice before a plan runs, a line each; empty where there is nothing. */
export function formatDangers(plan: Plan, style: Style): string {
  const lines = dangersOf(plan).map(({ object, message }) => `${style.removed("!")} ${object}: ${message}\n`);
  return lines.length === 0 ? "" : `${style.strong("Look twice:")}\n${lines.join("")}\n`;
}

function formatAction({ id, action, origin }: PlannedAction, style: Style): readonly string[] {
  const source = origin === undefined ? "" : style.faint(`  # ${[origin.file, origin.line].filter(Boolean).join(":")}`);
  const line = (text: string) => `${text}${source}`;
  const name = describeId(id);
  switch (action.type) {
    case "create":
      return [line(`${style.added("+")} ${name}`)];
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

/** The fields of a change, indented, one a line: `~ spec.replicas: 2 -> 3`; long texts line by line. */
export function formatChanges(changes: readonly FieldChange[], style: Style): readonly string[] {
  return changes.flatMap((change) => {
    const manager = change.manager === undefined ? "" : style.faint(`  (set by ${change.manager})`);
    const { from, to } = change;
    const path = fieldPath(change.path);
    if (from === undefined) return [`    ${style.added("+")} ${path}: ${compact(to)}${manager}`];
    if (to === undefined) return [`    ${style.removed("-")} ${path}: ${compact(from)}${manager}`];
    if (isText(from) && isText(to))
      return [`    ${style.changed("~")} ${path}:${manager}`, ...lineDiff(from, to, style)];
    return [`    ${style.changed("~")} ${path}: ${compact(from)} -> ${compact(to)}${manager}`];
  });
}

const isText = (value: Json): value is string => typeof value === "string" && value.includes("\n");

const compact = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null);

function lineDiff(from: string, to: string, style: Style): readonly string[] {
  const { hunks } = structuredPatch("", "", from, to, "", "", { context: 2 });
  return hunks.flatMap(({ lines }) =>
    lines.map((line) => {
      const paint = line.startsWith("+") ? style.added : line.startsWith("-") ? style.removed : style.faint;
      return `        ${paint(line)}`;
    }),
  );
}

const counted: readonly (readonly [Action["type"], string])[] = [
  ["create", "to create"],
  ["update", "to change"],
  ["recreate", "to recreate"],
  ["delete", "to delete"],
  ["orphan", "kept"],
  ["skip", "left alone"],
  ["unchanged", "unchanged"],
];

/** How many objects there are of every action, in words: `1 to create, 2 unchanged`. */
export function formatCounts(plan: Plan): string {
  const parts = counted.flatMap(([type, words]) => {
    const count = plan.actions.filter(({ action }) => action.type === type).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}
