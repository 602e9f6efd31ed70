import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "../../../test/support/properties/any-text.ts";
import { propertyRuns } from "../../../test/support/properties/property-runs.ts";
import { code, codeCell, fenced, html, prose, visibleLine } from "./markdown.ts";

/** Where CommonMark 0.31.2 §6.1 sees code in a line: the contents of the spans, and what is around them. */
function spansOf(line: string): { readonly spans: readonly string[]; readonly around: string } {
  const spans: string[] = [];
  let around = "";
  let at = 0;
  while (at < line.length) {
    if (line[at] === "\\" && /[!-/:-@[-`{-~]/.test(line[at + 1] ?? "")) {
      around += line.slice(at, at + 2);
      at += 2;
      continue;
    }
    const fence = /^`+/.exec(line.slice(at))?.[0];
    if (fence === undefined) {
      around += line[at++];
      continue;
    }
    const runs = [...line.slice(at + fence.length).matchAll(/`+/g)];
    const end = runs.find(([run]) => run.length === fence.length)?.index;
    if (end === undefined) around += fence;
    else spans.push(line.slice(at + fence.length, at + fence.length + end));
    at += fence.length + (end === undefined ? 0 : end + fence.length);
  }
  return { spans, around };
}

/** A space on both sides is taken away, unless there is nothing else. */
const contentOf = (span: string) => (/^ .*[^ ].* $/.test(span) ? span.slice(1, -1) : span);

/** What a forge may do to a text before it reads it, or after. */
const forges: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.normalize("NFC"),
  (text) => text.replaceAll(/[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e]/g, ""),
  (text) => text.replaceAll(/[^\P{Cc}\n]/gu, ""),
  (text) => text.replaceAll("\u0000", "\ufffd"),
  (text) => Buffer.from(text).toString(),
];

const piece = fc.oneof(
  fc.constantFrom(
    "`",
    "``",
    "```",
    "\u1fef",
    "\u200b",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\u202e",
    "\u034f",
    "\u3164",
  ),
  fc.constantFrom(
    "\\",
    "|",
    "<",
    "&",
    "@admin",
    "#1",
    "Fixes #1",
    "](",
    "![",
    "<!--",
    "-->",
    "\n",
    "\r",
    "\t",
    "\u0085",
    "\u2028",
  ),
  fc.constantFrom(
    "\u0000",
    "\u001b[2J",
    "\u0301",
    "\ud83d",
    "\udc4d",
    " ",
    "a",
    "é",
    "\u{e0041}",
    "https://x.test",
    "*",
    "_",
    "~",
  ),
  anyText({ maxLength: 3 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test("a text of very many runs of backticks has a fence of one more than the longest", () => {
  const text = `${"` ".repeat(200_000)}${"```` "}${"` ".repeat(200_000)}`;
  expect(fenced(text)).toBe(`${"`".repeat(5)}\n${text}\n${"`".repeat(5)}`);
  expect(code(text).startsWith(`${"`".repeat(5)} `)).toBe(true);
});

describe("whatever a stranger wrote", () => {
  test("code stays code, whatever stands beside it and whatever a forge leaves out", () => {
    fc.assert(
      fc.property(text, text, text, fc.constantFrom(...forges), (a, b, c, forge) => {
        const line = forge(`- ${code(a)} ${code(b)} by ${code(c)}.`);
        const { spans, around } = spansOf(line);
        expect(around).toBe("-   by .");
        expect(spans.map(contentOf)).toEqual([a, b, c].map((each) => visibleLine(each) || " "));
        expect(line).not.toContain("\n");
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("a cell ends where it should", () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom(...forges), (a, b, forge) => {
        const row = forge(`| ${codeCell(a)} | ${codeCell(b)} |`);
        expect(row.split("|")).toHaveLength(4);
        const cells = row.split("|").slice(1, 3);
        for (const cell of cells) {
          const outside = cell.includes("<code>")
            ? cell.replace(/<code>[A-Za-z0-9 /:.&#;]*<\/code>/, "")
            : spansOf(cell).around;
          expect(outside.trim()).toBe("");
        }
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("words mention nobody, refer to nothing and open nothing", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...forges), (a, forge) => {
        const { around } = spansOf(forge(prose(a)));
        expect(around).not.toMatch(/[@#!~%$^][\w"]|(?<!\\)[`*_[\]|<]|:\/\/|^[-+=>]/);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("a fence holds its lines", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...forges), (a, forge) => {
        const lines = forge(fenced(a)).split(/\r\n?|\n/);
        const [fence = ""] = lines;
        expect(fence).toMatch(/^`{3,}$/);
        const closing = lines.findIndex((line, index) => index > 0 && line.trimStart().startsWith(fence));
        expect(closing).toBe(lines.length - 1);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  test("normalised is normalised", () => {
    fc.assert(
      fc.property(text, (a) => {
        const line = visibleLine(a);
        expect(visibleLine(line)).toBe(line);
        for (const forge of forges) expect(forge(line)).toBe(line);
        expect(html(a)).not.toMatch(/[<>\n]/);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});

test.each([
  ["a zero-width space beside a backtick", "`\u200b` @admin", "``` `` @admin ```"],
  ["a Greek sign that is a backtick", "\u1fef @admin", "`` ` @admin ``"],
  ["nothing to see", "\u200b\u3164", "` `"],
  ["an accent", "e\u0301", "`é`"],
])("%s", (_, given, shown) => {
  expect(code(given)).toBe(shown);
});

test.each([
  ["plain words (with a name: web-1)", "plain words (with a name: web-1)"],
  ["Fixes #12", "`Fixes #12`"],
  ["ask @admin", "`ask @admin`"],
  ["see https://x.test", "`see https://x.test`"],
  ["- <b> is *wrong*, 20 %", "\\- &lt;b> is \\*wrong\\*, 20 %"],
  ["./overlays/live", "./overlays/live"],
  ["1. x", "1\\. x"],
  ["1. first", "1\\. first"],
])("%s as prose", (given, shown) => {
  expect(prose(given)).toBe(shown);
});

test("a bar in a cell is written as what it is", () => {
  expect(codeCell("a|b\\|c`d")).toBe("<code>a&#124;b&#92;&#124;c&#96;d</code>");
});
