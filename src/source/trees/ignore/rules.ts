import { Failure, type Problem } from "../../../model/failure.ts";
import { type Glob, readGlob, type Spend } from "./glob.ts";

/** A line of `.gitignore` that was read. */
export interface IgnoreRule {
  /** It takes back what lines before it hide. */
  readonly negated: boolean;
  readonly onlyDirectories: boolean;
  /** It is about the last name of a path, in whatever directory. */
  readonly anywhere: boolean;
  readonly glob: Glob;
}

/** More than people write by hand; each rule is matched against each path. */
const most = { characters: 100_000, rules: 1_000, ofOneRule: 1_000 } as const;

/**
 * Reads a text in the syntax of `.gitignore`, whose `place` stands in the failure where it is too large. Throws `Failure`
 * (InputTooLarge). Source: gitignore(5), and add_patterns_from_buffer and parse_path_pattern in dir.c of git.
 */
export function readIgnoreRules(text: string, place: Pick<Problem, "file"> & { readonly name: string }) {
  if (text.length > most.characters) throw tooLarge(place, `is longer than ${most.characters} characters`);
  const lines = text.replace(/^\ufeff/, "").split("\n");
  const rules = lines.flatMap((line, index) => {
    const rule = withoutTrailingSpaces(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (rule === "" || rule.startsWith("#")) return [];
    if (rule.length <= most.ofOneRule) return [ruleOf(rule)];
    throw tooLarge(place, `has a pattern of more than ${most.ofOneRule} characters in line ${index + 1}`);
  });
  if (rules.length > most.rules) throw tooLarge(place, `has more than ${most.rules} patterns`);
  return rules;
}

function tooLarge({ name, file }: { readonly name: string; readonly file?: string }, what: string): Failure {
  const hint = "ignore whole directories instead of single files";
  return new Failure("InputTooLarge", { message: `${name} ${what}`, ...(file === undefined ? {} : { file }), hint });
}

function withoutTrailingSpaces(line: string): string {
  let end = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === " ") continue;
    end = at + 1;
  }
  return line.slice(0, end);
}

function ruleOf(line: string): IgnoreRule {
  const negated = line.startsWith("!");
  const whole = negated ? line.slice(1) : line;
  const onlyDirectories = whole.endsWith("/");
  const pattern = onlyDirectories ? whole.slice(0, -1) : whole;
  const anywhere = !pattern.includes("/");
  return { negated, onlyDirectories, anywhere, glob: readGlob(pattern.startsWith("/") ? pattern.slice(1) : pattern) };
}

/** Whether the last rule that fits hides the path; what hides its directories is not looked at. */
export function hides(rules: readonly IgnoreRule[], path: string, directory: boolean, spend: Spend): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const last = rules.findLast(
    ({ onlyDirectories, anywhere, glob }) => (directory || !onlyDirectories) && glob(anywhere ? name : path, spend),
  );
  return last !== undefined && !last.negated;
}
