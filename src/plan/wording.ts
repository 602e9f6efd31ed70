import { structuredPatch } from "diff";
import { type Json, writeJson } from "../model/json.ts";
import type { Action, FieldChange, Plan } from "../model/plan.ts";
import { fieldPath } from "./field-path.ts";

/** How the parts of a change are set off: colours on a terminal, nothing in Markdown. */
export interface Paint {
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly changed: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** The fields of a change, indented, one a line: `~ spec.replicas: 2 -> 3`; long texts line by line. */
export function formatChanges(changes: readonly FieldChange[], paint: Paint): readonly string[] {
  return changes.flatMap((change) => {
    const manager = change.manager === undefined ? "" : paint.faint(`  (set by ${change.manager})`);
    const { from, to } = change;
    const path = fieldPath(change.path);
    if (from === undefined) return [`    ${paint.added("+")} ${path}: ${compact(to)}${manager}`];
    if (to === undefined) return [`    ${paint.removed("-")} ${path}: ${compact(from)}${manager}`];
    if (isText(from) && isText(to))
      return [`    ${paint.changed("~")} ${path}:${manager}`, ...lineDiff(from, to, paint)];
    return [`    ${paint.changed("~")} ${path}: ${compact(from)} -> ${compact(to)}${manager}`];
  });
}

const isText = (value: Json): value is string => typeof value === "string" && value.includes("\n");

const compact = (value: Json | undefined): string => (typeof value === "string" ? value : writeJson(value ?? null));

function lineDiff(from: string, to: string, paint: Paint): readonly string[] {
  const { hunks } = structuredPatch("", "", from, to, "", "", { context: 2 });
  return hunks.flatMap(({ lines }) =>
    lines.map((line) => {
      const set = line.startsWith("+") ? paint.added : line.startsWith("-") ? paint.removed : paint.faint;
      return `        ${set(line)}`;
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
export function formatCounts({ actions }: Pick<Plan, "actions">): string {
  const parts = counted.flatMap(([type, words]) => {
    const count = actions.filter(({ action }) => action.type === type).length;
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}
