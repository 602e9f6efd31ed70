import { structuredPatch } from "diff";
import { type Json, writeJson } from "../model/json/json.ts";
import type { Action, FieldChange, Plan } from "../model/plan.ts";
import { onOneLine } from "../model/text/visible.ts";
import { fieldPath } from "./fields/field-path.ts";

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
    const manager = change.manager === undefined ? "" : paint.faint(`  (set by ${onOneLine(change.manager)})`);
    const { from, to } = change;
    const path = onOneLine(fieldPath(change.path));
    const [sign, paintSign] = signOf(from, to, paint);
    const head = `    ${paintSign(sign)} ${path}:`;
    // A text of several lines must not begin lines of its own: each of them stands behind its sign.
    if (isText(from) || isText(to)) return [`${head}${manager}`, ...lineDiff(whole(from), whole(to), paint)];
    const values = [from, to].filter((value) => value !== undefined).map(compact);
    return [`${head} ${values.join(" -> ")}${manager}`];
  });
}

function signOf(from: Json | undefined, to: Json | undefined, { added, removed, changed }: Paint) {
  if (from === undefined) return ["+", added] as const;
  return to === undefined ? (["-", removed] as const) : (["~", changed] as const);
}

const isText = (value: Json | undefined): boolean => typeof value === "string" && /[\n\r\u2028\u2029]/.test(value);

const compact = (value: Json): string => (typeof value === "string" ? value : writeJson(value));

const whole = (value: Json | undefined): string => (value === undefined ? "" : compact(value));

function lineDiff(from: string, to: string, paint: Paint): readonly string[] {
  const { hunks } = structuredPatch("", "", from, to, "", "", { context: 2 });
  return hunks.flatMap(({ lines }) =>
    lines.map((line) => {
      const set = line.startsWith("+") ? paint.added : line.startsWith("-") ? paint.removed : paint.faint;
      return `        ${set(onOneLine(line))}`;
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
