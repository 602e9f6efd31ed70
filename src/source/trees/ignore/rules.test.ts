import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { propertyRuns } from "../../../../test/support/properties/property-runs.ts";
import { memoryTree } from "../../../render/index.ts";
import { ignoredTree } from "../ignored-tree.ts";

const paths = [
  ..."a b c ab abc aab A .a -a #a !a a- ] [ ^ a.md b.md a.b.md a1 1 _ ~".split(" "),
  ..."d/a d/b d/ab d/d/a d/d/ab d/e/f/a d/e/f/a.md ab.d/x e/a.md e/d/a e/d/d/b foox/y/bar foo/bar foobar/x".split(" "),
  "a b",
  "trail ",
  "e/trail  ",
  "back\\slash",
  "star*",
  "e/star*x",
  "what?",
  "tab\tx",
  "e/[ab]",
  "x/y/z/w/v",
];

let work = "";
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "mooring-ignore-"));
  execFileSync("git", ["init", "--quiet", work]);
  for (const path of paths) {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), "");
  }
});
afterAll(() => rmSync(work, { recursive: true }));

/** What git itself hides: `::` before a path in its answer means that no pattern fits, `!` that one takes back. */
function hiddenByGit(text: string): readonly string[] {
  writeFileSync(join(work, ".git", "info", "exclude"), text);
  const args = ["-C", work, "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin"];
  const { status, stdout } = spawnSync("git", args, { input: paths.join("\0"), encoding: "utf8" });
  // 1 where it hides nothing.
  expect(status).toBeOneOf([0, 1]);
  const fields = stdout.split("\0");
  return paths.filter((path, index) => {
    const [, , pattern = "", named] = fields.slice(index * 4, index * 4 + 4);
    expect(named).toBe(path);
    return pattern !== "" && !pattern.startsWith("!");
  });
}

async function hiddenByUs(text: string): Promise<readonly string[]> {
  const tree = await ignoredTree(memoryTree(Object.fromEntries(paths.map((path) => [path, ""]))), text);
  const seen = await Promise.all(paths.map(async (path) => (await tree.entry(path)) !== undefined));
  return paths.filter((_, index) => seen[index] !== true);
}

test.each([
  ["names", "a\nd/b\n/b\nabc\n"],
  ["case", "A\nD/a\n"],
  ["comments and empty lines", "#a\n\n  \n\\#a\n"],
  ["escapes", "\\!a\na\\ b\nback\\\\slash\nstar\\*\nwhat\\?\n\\a1\n"],
  ["an escape of nothing", "a\\"],
  ["trailing spaces", "a   \ntrail\\ \ne/trail\\ \\  \n"],
  ["tabs are kept", "a\t\ntab\tx\n"],
  ["carriage returns", "a\r\nd/\r\n\r\n"],
  ["a byte order mark", "\ufeffa\nb"],
  ["negation", "*\n!a\n!d/\n!d/a\n"],
  ["the last match", "*.md\n!a.md\na.*\n!a.b.md"],
  ["nothing back from a hidden directory", "d/\n!d/a\n!d/e/f/a.md"],
  ["but from a directory's files", "d/*\n!d/a\n!d/d\n"],
  ["nothing negated", "!\n/\n//\n!/\n"],
  ["directories only", "a/\nd/d/\n/x/\n"],
  ["two slashes at the end", "d//\n**//\n"],
  ["anchors", "/a\nd/ab\n/e/*.md\n/d/d"],
  ["a star keeps to a name", "d/*/f\nx/*/w\n"],
  ["stars", "*a\na*\n*.*.*\n***b"],
  ["one character", "?\nd/??\nd?a\n"],
  ["classes", "[a-c]\n[!a-z]\n[^a]1\n[]]\n[]-]\n[a-]-\n[[]\n"],
  ["escapes in classes", "[\\]]\n[\\a-\\c]\n[\\\\]x\nback[\\\\]slash"],
  ["ranges the wrong way round", "[z-a]\n[c-a]b"],
  ["POSIX classes", "[[:digit:]]\n[[:upper:]]\n[![:alnum:]]\n[[:punct:]a]b\ntab[[:blank:]]x\n[[:xdigit:]_]1"],
  ["broken classes", "[a\n[[:nope:]]\n[[:]\n[[::]\n[[:a]\n[\n[!\n[a\\"],
  ["classes take no slash", "d[/]a\nd[!x]a\n[/]a\nd/[a/]"],
  ["any directories before", "**/a\n**/d/b\n"],
  ["any directories between", "d/**/a\nx/**/v\nx/**/**/w"],
  ["all that a directory holds", "d/**\n!d/e/\n"],
  ["two stars alone", "**"],
  ["two stars within a name", "foo**/bar\nd/e**b\nx**\n*b**\n"],
  ["two stars after a wildcard", "f*/**\n?/**/a\n"],
  ["escaped slashes", "d\\/a\n**\\/b\ne/**\\/b\ne\\/"],
])("%s as git has it", async (_, text) => {
  expect(await hiddenByUs(text)).toEqual(hiddenByGit(text));
});

const piece = fc.constantFrom(
  ..."a b d e x A . - ! # ] [ ^ * ** ? / /**/ **/ /** \\ \\/ [a-c] [!a] [^b-d] [[:alpha:]] [[:digit:]x] [a-] .md foo bar".split(
    " ",
  ),
  " ",
  "\\ ",
);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "/"),
    fc.array(piece, { minLength: 1, maxLength: 5 }),
    fc.constantFrom("", "", "/", " "),
  )
  .map(([before, pieces, after]) => before + pieces.join("") + after);

test("random rules as git has them", async () => {
  const rules = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
  const same = fc.asyncProperty(rules, async (text) => {
    expect(await hiddenByUs(text)).toEqual(hiddenByGit(text));
  });
  await fc.assert(same, { numRuns: propertyRuns(30) });
}, 600_000);
