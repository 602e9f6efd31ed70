import { describe, expect, test } from "vitest";
import type { PlannedAction } from "../../model/plan.ts";
import { planSection } from "./plan-markdown.ts";
import { isRetired, type RequestFacts, requestText, retiredBody, says } from "./request-text.ts";

const commit = "3f5a0c91e2b7".padEnd(40, "0");
const facts: RequestFacts = {
  promotion: "mooring-system/to-production",
  evidence: {
    environment: "mooring-system/staging",
    revision: `main@sha1:${commit}`,
    digest: "abc123",
    since: "2026-11-21T12:00:00.000Z",
  },
  commit,
  branch: "production",
  commits: { commits: [{ sha: commit, subject: "Use web:2", author: "Jane Doe" }], total: 1 },
  effect: undefined,
};

const action = (name: string, type: PlannedAction["action"]): PlannedAction => ({
  ...{ id: { group: "apps", kind: "Deployment", namespace: "shop", name }, version: "v1", stage: "", action: type },
});
const image = (to: string): PlannedAction["action"] => ({
  type: "update",
  changes: [{ path: "/spec/template/spec/containers/0/image", from: "web:1", to }],
});

test("says what, why, and on what evidence", () => {
  const { title, body } = requestText(facts);
  expect(title).toBe("Promote staging to production (3f5a0c9)");
  expect(body.split("\n").slice(1).join("\n")).toBe(
    [
      `Brings revision \`main@sha1:${commit}\`, proven in \`mooring-system/staging\`, to \`production\`.`,
      "",
      "There is no plan: the Promotion names neither an Environment nor a path for the branch.",
      "",
      "### 1 commit",
      "",
      "- `3f5a0c9` `Use web:2` by `Jane Doe`",
      "",
      "### Evidence",
      "",
      "| | |",
      "|---|---|",
      "| Environment | `mooring-system/staging` |",
      `| Revision | \`main@sha1:${commit}\` |`,
      "| Digest of its plan | `abc123` |",
      "| Healthy since | `2026-11-21T12:00:00.000Z` |",
      "",
      "Mooring keeps this pull request up to date. The label `mooring.dev/hold` keeps Mooring from merging it.",
      "",
    ].join("\n"),
  );
});

test("says what the target does with it, and which sealed values it cannot open", () => {
  const plan = { actions: [action("web", image("web:2"))], digest: "d".repeat(64) };
  const unopened = ["SealedSecret/shop/token: no key opens it"];
  const effect = { target: "production", change: { plan }, unopened, encrypted: false };
  const { body } = requestText({ ...facts, effect });
  expect(body).toContain("### What changes in production\n\n| Image of | from | to |");
  expect(body).toContain("- SealedSecret/shop/token: no key opens it");
  expect(requestText({ ...facts, effect: { ...effect, unopened: [] } }).body).toContain("the target can open all");
  expect(requestText({ ...facts, effect: { ...effect, unopened: undefined } }).body).toContain("not checked");
  expect(body).not.toContain("Encrypted files");
  const { body: kept } = requestText({ ...facts, effect: { ...effect, encrypted: true } });
  expect(kept).toContain("Encrypted files were planned as they are, because the keys of the target");
  const problem = requestText({ ...facts, effect: { ...effect, change: { problem: "a.yaml:1: <b> is *wrong*" } } });
  expect(problem.body).toContain("cannot be rendered at this revision:**\n\n- a.yaml:1: &lt;b> is \\*wrong\\*\n");
});

describe("what others wrote", () => {
  test.each([
    ["a fence", "`` a ``` b", "```` `` a ``` b ````"],
    ["a mention and a closing word", "Fixes #1 @admin", "`Fixes #1 @admin`"],
    ["HTML", "<img src=x onerror=alert(1)>", "`<img src=x onerror=alert(1)>`"],
    ["a marker", "<!-- mooring:promotion x y -->", "`<!-- mooring:promotion x y -->`"],
    ["lines and direction marks", "one\n\n## two\u202e\u0007", "`one ## two`"],
    ["nothing", " ", "`(no subject)`"],
  ])("is only quoted: %s", (_, subject, quoted) => {
    const { body } = requestText({ ...facts, commits: { commits: [{ sha: commit, subject, author: "J" }], total: 1 } });
    expect(body).toContain(`- \`3f5a0c9\` ${quoted} by \`J\`\n`);
  });

  test("is counted where there is much of it", () => {
    const commits = Array.from({ length: 50 }, () => ({ sha: commit, subject: "x".repeat(10_000), author: "J" }));
    const { body } = requestText({ ...facts, commits: { commits, total: 1234 } });
    expect(body).toContain("### 1234 commits\n");
    expect(body).toContain("- … and 1184 more\n");
    expect(body.length).toBeLessThan(20_000);
  });
});

test("a text is recognised although people added to it, and another one is not", () => {
  const text = requestText(facts);
  expect(says(`${text.body}\nLooks good to me\n`, text)).toBe(true);
  expect(says(text.body.replaceAll("\n", "\r\n"), text)).toBe(true);
  expect(says(text.body, requestText({ ...facts, branch: "live" }))).toBe(false);
  expect(says("", text)).toBe(false);
});

test("a pull request that Mooring closed is told from one that a person closed", () => {
  const { body } = requestText(facts);
  expect(isRetired(body)).toBe(false);
  expect(isRetired(retiredBody(body))).toBe(true);
  expect(retiredBody(body).split("\n").slice(1)).toEqual(body.split("\n").slice(1));
  expect(isRetired(retiredBody("a body without a marker"))).toBe(true);
});

describe("a long plan", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => action(`web-${index}`, image("web:2")));
  const section = (count: number) => planSection({ actions: many(count), digest: "d".repeat(64) }, 10_000);

  test("is folded, then named, then counted; never longer than it may be", () => {
    expect(section(3).match(/<details>/g)).toHaveLength(3);
    expect(section(60)).not.toContain("<details>");
    expect(section(60)).toContain("- update `Deployment/shop/web-59`");
    const counted = section(5_000);
    const named = counted.match(/^- update/gm)?.length ?? 0;
    expect(named).toBeGreaterThan(50);
    expect(counted).toContain(`… and ${5_000 - named} more: ${5_000 - named} to change`);
    for (const count of [3, 60, 5_000]) expect(section(count).length).toBeLessThanOrEqual(10_000);
  });

  test("keeps its sum and its digest", () => {
    expect(section(5_000)).toContain(`5000 to change. Digest: \`${"d".repeat(64)}\``);
  });
});
