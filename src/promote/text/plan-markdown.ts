import { describeId } from "../../model/object-id.ts";
import type { Plan, PlannedAction } from "../../model/plan.ts";
import { dangersOf, formatChanges, formatCounts, movedImages, type Paint } from "../../plan/index.ts";
import { code, codeCell, fenced, folded, html, prose } from "./markdown.ts";

/** GitHub's limit for a comment is 65,536 characters, GitLab's and Gitea's are higher; what is around it needs room, too. */
const commentLimit = 60_000;

/** A plan as a comment on a pull request, in the Markdown that GitHub, GitLab and Gitea share. */
export function formatPlanMarkdown(title: string, plan: Plan): string {
  const heading = `### ${prose(title)}`;
  return `${[heading, planSection(plan, commentLimit - heading.length - 3)].join("\n\n")}\n`;
}

/**
 * What a plan changes: what to look at twice, images, every object with its fields folded, the sum and the digest; in at
 * most `limit` characters. Objects that have no room for their fields are named, those without room for that counted.
 */
export function planSection(plan: Plan, limit: number): string {
  const changed = plan.actions.filter(({ action }) => action.type !== "unchanged");
  const foot = `${prose(formatCounts(plan))}. Digest: ${code(plan.digest)}`;
  const parts: string[] = [];
  let room = limit - foot.length - countRoom;
  const add = (part: string): boolean => {
    if (part.length + 2 > room) return false;
    parts.push(part);
    room -= part.length + 2;
    return true;
  };
  for (const part of [dangerList(plan), holdLine(plan), imageTable(plan)]) {
    if (part.length > 0) add(cutLines(part, Math.floor(room / 2)));
  }
  const details = changed.map(detail);
  if (details.join("\n\n").length <= room) for (const each of details) add(each);
  else parts.push(...nameWhatFits(changed, add));
  return [...parts, foot].join("\n\n");
}

/** What the sentence that counts the rest takes at most. */
const countRoom = 200;

/** Names objects as long as there is room; answers with the sentence that counts the others. */
function nameWhatFits(changed: readonly PlannedAction[], add: (part: string) => boolean): readonly string[] {
  const left = [...changed];
  for (let next = left[0]; next !== undefined && add(`- ${nameOf(next)}`); next = left[0]) left.shift();
  return left.length === 0 ? [] : [`… and ${left.length} more: ${formatCounts({ actions: left })}`];
}

function cutLines(lines: readonly string[], limit: number): string {
  const kept: string[] = [];
  let room = limit;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) return [...kept, "", `… and ${lines.length - kept.length} more`].join("\n");
    kept.push(line);
  }
  return kept.join("\n");
}

function dangerList(plan: Plan): readonly string[] {
  const dangers = dangersOf(plan).map(({ object, message }) => `- ${code(object)}: ${prose(message)}`);
  return dangers.length === 0 ? [] : ["**Look twice**", "", ...dangers];
}

function holdLine({ hold }: Plan): readonly string[] {
  return hold === undefined ? [] : [`**Waits for an approval**: ${prose(hold.reason)}`];
}

function imageTable({ actions }: Plan): readonly string[] {
  const images = movedImages(actions).map(
    ({ object, from, to }) => `| ${codeCell(object)} | ${codeCell(from)} | ${codeCell(to)} |`,
  );
  return images.length === 0 ? [] : ["| Image of | from | to |", "|---|---|---|", ...images];
}

const nameOf = ({ id, action }: PlannedAction) => `${action.type} ${code(describeId(id))}`;

function detail(planned: PlannedAction): string {
  const { id, action } = planned;
  if (action.type === "skip" || action.type === "orphan") return `- ${nameOf(planned)}: ${prose(action.reason)}`;
  if (action.type !== "update" && action.type !== "recreate") return `- ${nameOf(planned)}`;
  const lines = formatChanges(action.changes, plain).join("\n");
  return folded(`${action.type} <code>${html(describeId(id))}</code>`, fenced(lines));
}

const same = (text: string) => text;
const plain: Paint = { added: same, removed: same, changed: same, faint: same };
