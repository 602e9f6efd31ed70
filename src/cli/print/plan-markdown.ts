import { describeId } from "../../model/object-id.ts";
import type { Plan, PlannedAction } from "../../model/plan.ts";
import { dangersOf, movedImages } from "../../plan/index.ts";
import { formatChanges, formatCounts } from "./plan.ts";
import { plainStyle } from "./style.ts";

/** GitHub's limit for a comment is 65,536 characters, GitLab's and Gitea's are higher; what is around it needs room, too. */
const limit = 60_000;

/** A plan as a comment on a pull request, in the Markdown that GitHub, GitLab and Gitea share. */
export function formatPlanMarkdown(title: string, plan: Plan): string {
  const dangers = dangersOf(plan).map(({ object, message }) => `- ${code(object)}: ${prose(message)}`);
  const images = movedImages(plan.actions).map(
    ({ object, from, to }) => `| ${code(object)} | ${code(from)} | ${code(to)} |`,
  );
  const changed = plan.actions.filter(({ action }) => action.type !== "unchanged");
  const head = [
    `### ${prose(title)}`,
    ...(dangers.length === 0 ? [] : [["**Look twice**", "", ...dangers].join("\n")]),
    ...(plan.hold === undefined ? [] : [`**Waits for an approval**: ${prose(plan.hold.reason)}`]),
    ...(images.length === 0 ? [] : [["| Image of | from | to |", "|---|---|---|", ...images].join("\n")]),
  ];
  const foot = `${prose(formatCounts(plan))}. Digest: ${code(plan.digest)}`;
  const details = changed.map(detail);
  const whole = [...head, ...details, foot].join("\n\n");
  if (whole.length <= limit) return `${whole}\n`;
  const names = changed.map(({ id, action }) => `- ${action.type} ${code(describeId(id))}`);
  const short = [...head, names.join("\n"), foot].join("\n\n");
  return `${short.length <= limit ? short : [...head, foot].join("\n\n").slice(0, limit)}\n`;
}

function detail({ id, action }: PlannedAction): string {
  const name = `${action.type} ${code(describeId(id))}`;
  if (action.type === "skip" || action.type === "orphan") return `- ${name}: ${prose(action.reason)}`;
  if (action.type !== "update" && action.type !== "recreate") return `- ${name}`;
  const lines = formatChanges(action.changes, plainStyle).join("\n");
  const fence = "`".repeat(Math.max(3, longestTicks(lines) + 1));
  return `<details><summary>${action.type} <code>${prose(describeId(id))}</code></summary>\n\n${fence}\n${lines}\n${fence}\n\n</details>`;
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** As code, also in a cell of a table. */
function code(text: string): string {
  const fence = "`".repeat(longestTicks(text) + 1);
  return `${fence}${text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|")}${fence}`;
}

/** As text, in which nothing is read as Markdown or HTML. */
function prose(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/([\\`*_[\]|@#])/g, "\\$1");
}
