import { createHash } from "node:crypto";
import type { Evidence } from "../../api/promotion/promotion-status.ts";
import type { Plan } from "../../model/plan.ts";
import type { CommitRange, RangeCommit } from "../forge/forge.ts";
import { code, codeCell, prose, visibleLine } from "./markdown.ts";
import { planSection } from "./plan-markdown.ts";

/** All that a pull request says. */
export interface RequestFacts {
  /** The Promotion, or what stands for it, as `namespace/name`. */
  readonly promotion: string;
  readonly evidence: Evidence;
  /** 40 hex digits. */
  readonly commit: string;
  /** The branch that it goes to. */
  readonly branch: string;
  readonly commits: CommitRange;
  readonly effect: Effect | undefined;
}

/** What the proposed revision does to the environment that follows the branch. */
export interface Effect {
  /** The Environment, or the folder where that is not known. */
  readonly target: string;
  readonly change: { readonly plan: Plan } | { readonly problem: string };
  /** Problems of the sealed values that the target's keys do not open; undefined where no keys were at hand. */
  readonly unopened: readonly string[] | undefined;
  /** Whether files stay encrypted for which the target has keys, so that the plan is another than the target's. */
  readonly encrypted: boolean;
}

/** A pull request in words. */
export interface RequestText {
  /** Plain text. */
  readonly title: string;
  /** Markdown, with a marker in its first line. */
  readonly body: string;
}

const planLimit = 40_000;
const mostProblems = 20;
const subjectLimit = 120;

/** The words of a pull request; the same facts give the same words. */
export function requestText(facts: RequestFacts): RequestText {
  const { evidence, branch, commit } = facts;
  const source = evidence.environment.slice(evidence.environment.indexOf("/") + 1);
  const title = `Promote ${source} to ${branch} (${commit.slice(0, 7)})`;
  const body = [
    `Brings revision ${code(evidence.revision)}, proven in ${code(evidence.environment)}, to ${code(branch)}.`,
    ...effectSections(facts.effect),
    commitSection(facts.commits),
    evidenceSection(evidence),
    `Mooring keeps this pull request up to date. The label ${code("mooring.dev/hold")} keeps Mooring from merging it.`,
  ].join("\n\n");
  return { title, body: `${marker(facts.promotion, digestOf(title, body))}\n${body}\n` };
}

const retired = "retired";

/** Whether a pull request says already what the text says. People may have added to it: that is left alone. */
export function says(body: string, text: RequestText): boolean {
  return firstLine(body) === firstLine(text.body);
}

/** The body of a pull request that Mooring closes itself, so that it is not taken for a person's refusal. */
export function retiredBody(body: string): string {
  const rest = body.startsWith("<!-- mooring:") ? body.slice(firstLine(body).length + 1) : body;
  return `${marker("promotion", retired)}\n${rest}`;
}

/** Whether Mooring closed a pull request of this body. */
export function isRetired(body: string): boolean {
  return firstLine(body) === marker("promotion", retired);
}

const marker = (about: string, digest: string) => `<!-- mooring:promotion ${about} ${digest} -->`;

const firstLine = (text: string) => (text.split("\n", 1)[0] ?? "").trimEnd();

function digestOf(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 16);
}

function effectSections(effect: Effect | undefined): readonly string[] {
  if (effect === undefined) {
    return ["There is no plan: the Promotion names neither an Environment nor a path for the branch."];
  }
  const { target, change, unopened, encrypted } = effect;
  const heading = `### What changes in ${prose(target)}`;
  const planned = "plan" in change ? planSection(change.plan, planLimit) : cannotRender(change.problem);
  return [heading, planned, ...(encrypted ? [keptEncrypted] : []), sealedSection(unopened)];
}

function cannotRender(problem: string): string {
  const lines = problem.split("\n");
  const shown = lines.slice(0, mostProblems).map((line) => `- ${prose(line.slice(0, 500))}`);
  return ["**It cannot be rendered at this revision:**", "", ...shown, ...more(lines.length - mostProblems)].join("\n");
}

const keptEncrypted =
  "Encrypted files were planned as they are, because the keys of the target (`spec.decryption`) are not available. The actual objects and the digest may differ.";

function sealedSection(unopened: readonly string[] | undefined): string {
  if (unopened === undefined)
    return "Sealed secrets were not checked, because the keys of the target are not available.";
  if (unopened.length === 0) return "Sealed secrets: the target can open all of them.";
  const shown = unopened.slice(0, mostProblems).map((line) => `- ${prose(line.slice(0, 300))}`);
  return [
    "**Sealed secrets that the target cannot open:**",
    "",
    ...shown,
    ...more(unopened.length - mostProblems),
  ].join("\n");
}

function commitSection({ commits, total }: CommitRange): string {
  const newest = commits.toReversed().map(commitLine);
  return [`### ${total} ${total === 1 ? "commit" : "commits"}`, "", ...newest, ...more(total - commits.length)].join(
    "\n",
  );
}

function commitLine({ sha, subject, author }: RangeCommit): string {
  const words = visibleLine(subject).slice(0, subjectLimit) || "(no subject)";
  const by = visibleLine(author).slice(0, subjectLimit) || "unknown";
  return `- ${code(sha.slice(0, 7))} ${code(words)} by ${code(by)}`;
}

function evidenceSection({ environment, revision, digest, since }: Evidence): string {
  return [
    "### Evidence",
    "",
    "| | |",
    "|---|---|",
    `| Environment | ${codeCell(environment)} |`,
    `| Revision | ${codeCell(revision)} |`,
    ...(digest === "" ? [] : [`| Digest of its plan | ${codeCell(digest)} |`]),
    `| Healthy since | ${codeCell(since)} |`,
  ].join("\n");
}

const more = (count: number) => (count > 0 ? [`- … and ${count} more`] : []);
