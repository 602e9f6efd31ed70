import { shortRevision } from "../../model/revision.ts";
import { fieldPath } from "../../plan/index.ts";
import type { Blocker, EnvironmentReport } from "../why/environment-report.ts";
import type { ObjectReport } from "../why/object-report.ts";
import type { Place } from "../why/place.ts";
import { formatAge } from "./age.ts";
import { asLines } from "./lines.ts";
import type { Style } from "./style.ts";

/** Why an Environment is as it is, for people: the sentence first, then what is in the way, then what to do. */
export function formatEnvironmentReport(report: EnvironmentReport, now: Date, style: Style): string {
  const { problems, ill, unknown, next, also, objects } = report;
  const explained = problems.length > 0 || (ill ?? []).length > 0;
  const told = new Set(problems.map(({ object }) => object));
  const others = (ill ?? []).filter(({ object }) => !told.has(object) || report.reason === "RollbackFailed");
  const lines = [
    headline(report, now, style),
    ...rows([commitRow(report), healthyRow(report), ["why", explained ? "" : report.message]], style),
    ...also.map((line) => `${style.changed("!")} ${line}`),
    ...problems.flatMap((problem) => ["", ...formatBlocker(problem, style)]),
    ...(others.length === 0 ? [] : ["", style.strong("not healthy now:")]),
    ...others.flatMap((each) => formatBlocker(each, style)),
    "",
    ...rows(
      [
        ["now", nowWords(ill, objects, unknown)],
        ["next", next],
      ],
      style,
    ),
  ];
  return `${asLines(lines).trimEnd()}\n`;
}

function headline({ environment, ready, reason, since }: EnvironmentReport, now: Date, style: Style): string {
  const age = since === undefined ? "" : `, for ${formatAge(now.getTime() - Date.parse(since))}`;
  const words =
    ready === "True" ? style.added("is ready") : ready === "False" ? style.removed("is not ready") : "is not ready yet";
  return `${style.strong(`environment/${environment.split("/")[1]}`)} ${words}${reason === "" ? "" : `: ${reason}${age}`}`;
}

function commitRow({ commit }: EnvironmentReport): readonly [string, string] {
  if (commit === undefined) return ["commit", ""];
  const { revision, subject, author } = commit;
  const about = subject === undefined ? "" : ` "${subject}"`;
  return ["commit", `${shortRevision(revision)}${about}${author === undefined ? "" : ` by ${author}`}`];
}

/** Where it went back to, or would. */
function healthyRow({ ready, lastHealthyRevision = "", reason }: EnvironmentReport): readonly [string, string] {
  if (ready === "True" || lastHealthyRevision === "") return ["", ""];
  return [
    reason === "RolledBack" ? "back at" : "healthy",
    `${shortRevision(lastHealthyRevision)}, the last healthy revision`,
  ];
}

function nowWords(ill: readonly Blocker[] | undefined, objects: number, unknown: string | undefined): string {
  if (ill === undefined) return `not known: ${unknown ?? ""}`;
  if (objects === 0 && ill.length === 0) return "it owns no objects";
  return ill.length === 0 ? `all ${objects} objects are healthy` : `${ill.length} not healthy, of ${objects} objects`;
}

function formatBlocker(blocker: Blocker, style: Style): readonly string[] {
  const { object, field, message, stage = "", hint = "", see = "" } = blocker;
  const name = [object, field].filter((part) => part !== undefined).join(": ");
  const place = placeRows(blocker);
  return [
    ...(name === "" ? [] : [style.strong(name)]),
    ...rows([["stage", stage], ...place, ["cause", message], ["hint", hint], ["see", see]], style),
    ...logRows(blocker.logs, style),
  ];
}

function placeRows({ file, line, chain = [] }: Partial<Place>): readonly (readonly [string, string])[] {
  if (file === undefined) return [];
  return [
    ["file", line === undefined ? file : `${file}:${line}`],
    ["overlay", chain.join(" > ")],
  ];
}

/** Why an object is as it is, for people. */
export function formatObjectReport(report: ObjectReport, now: Date, style: Style): string {
  const { object, exists, healthy, message, madeBy, place, see = "" } = report;
  const state = !exists
    ? style.removed(message)
    : `${healthy ? style.added("is healthy") : style.removed("is not healthy")}: ${message}`;
  const revision = place?.revision === undefined ? "" : `${shortRevision(place.revision)}`;
  return asLines([
    `${style.strong(object)} ${state}`,
    ...rows(
      [
        ["made by", madeBy.join(", ")],
        ["owner", ownerWords(report)],
        ...placeRows(place ?? {}),
        ["of", revision],
        ["see", see],
      ],
      style,
    ),
    ...report.drift.map((entry) => driftLine(entry, now, style)),
    ...rows([["failed", failedWords(report)]], style),
    ...logRows(report.failed?.logs, style),
    ...rows(nextRows(report), style),
  ]);
}

function ownerWords({ owner, exists, managers = [] }: ObjectReport): string {
  if (owner === undefined) {
    const writers = managers.length === 0 ? "" : `; written by ${managers.join(", ")}`;
    return exists ? `none: it carries no Environment's labels, so Mooring leaves it alone${writers}` : "";
  }
  if (!owner.exists) return `Environment ${owner.environment}, which does not exist (any more)`;
  const revision = owner.appliedRevision === undefined ? "" : ` at ${shortRevision(owner.appliedRevision)}`;
  const lost = managers.length > 0 ? ", but it has lost that Environment's labels" : "";
  return `Environment ${owner.environment}${revision}: ${owner.ready ?? "not reconciled yet"}${lost}`;
}

function failedWords({ failed }: ObjectReport): string {
  if (failed === undefined) return "";
  return failed.revision === undefined ? failed.message : `at ${shortRevision(failed.revision)}: ${failed.message}`;
}

function nextRows({ owner }: ObjectReport): readonly (readonly [string, string])[] {
  if (owner?.ready === undefined || ["Succeeded", "Pinned"].includes(owner.ready)) return [];
  const [namespace = "", name = ""] = owner.environment.split("/");
  return [["next", `mooring why ${name} -n ${namespace}`]];
}

function driftLine(
  { path, want, live, manager, since }: ObjectReport["drift"][number],
  now: Date,
  style: Style,
): string {
  const who = manager === undefined ? "" : ` by ${manager}`;
  const age = formatAge(now.getTime() - Date.parse(since));
  const field = fieldPath(path);
  const what = path === "" ? "it is gone" : `${field} is ${live ?? "absent"}, and should be ${want ?? "absent"}`;
  return `  ${style.changed("drift")}    ${what} (changed${who}, ${age} ago)`;
}

const width = 9;

/** `  name     text`, for each that has a text; further lines of one stand below, set off. */
function rows(pairs: readonly (readonly [name: string, text: string])[], style: Style): readonly string[] {
  return pairs
    .filter(([, text]) => text !== "")
    .flatMap(([name, text]) =>
      text
        .trimEnd()
        .split("\n")
        .map(
          (line, index) => `  ${style.faint((index === 0 ? name : "").padEnd(width))}${index === 0 ? "" : "| "}${line}`,
        ),
    );
}

function logRows(logs: readonly string[] | undefined, style: Style): readonly string[] {
  return (logs ?? []).map(
    (line, index) => `  ${style.faint((index === 0 ? "log" : "").padEnd(width))}${style.faint("|")} ${line}`,
  );
}
