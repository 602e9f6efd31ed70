import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toFailure } from "../model/failure.ts";
import { findCommand } from "./command/find-command.ts";
import { parseCommandLine } from "./command/parse.ts";
import { registry } from "./index.ts";

const root = join(import.meta.dirname, "../..");
const pages = globSync(["README.md", "CHANGELOG.md", "SECURITY.md", "docs/**/*.md", "examples/**/*.{md,yaml}"], {
  cwd: root,
});

interface Written {
  readonly page: string;
  readonly line: string;
}

/** Every line with `mooring`, in blocks and between backticks, one that is broken with a backslash as one. */
function linesOf(page: string): readonly Written[] {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/\\\n\s*/g, "");
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  const inline = [...text.replaceAll(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  const scripts = page.endsWith(".yaml") ? text.split("\n") : [];
  return [...blocks, ...inline, ...scripts].flatMap((line) => callsIn(line).map((call) => ({ page, line: call })));
}

/** What is handed to the program in a line of a shell, with what is around it cut off. */
function callsIn(line: string): readonly string[] {
  return line
    .replace(/(?:^|\s)#.*$/, "")
    .split(/\||&&|;|\$\(/)
    .map((part) => /^\s*(?:[-$(]\s*|[A-Z_]+=\S+\s+|run: |npx )*mooring ([a-z-].*)$/.exec(part)?.[1] ?? "")
    .map((call) => call.replace(/\s*[<>).]*[<>].*$|\)$/, "").trim())
    .filter((call) => call !== "");
}

const words = (line: string): readonly string[] =>
  [...line.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replaceAll(/^["']|["']$/g, ""));

/** What stands for a name that the reader has to know. */
const placeholders = /^(?:[A-Z][A-Z0-9_-]*|.*[…<>{}*].*)$/;

test("every line in the documentation can be followed", async () => {
  const written = pages.flatMap(linesOf);
  expect(written.length).toBeGreaterThan(150);
  const wrong: string[] = [];
  for (const { page, line } of written) {
    try {
      const args = words(line).map((word) => (placeholders.test(word) ? "name" : word));
      const found = findCommand(args, registry);
      if (found.type === "group") continue;
      parseCommandLine(found.rest, await found.entry.load());
    } catch (thrown) {
      const problems = toFailure(thrown).problems.filter(
        ({ message }) => !/ is missing: | must be one of | requires a value: /.test(message),
      );
      wrong.push(...problems.map(({ message }) => `${page}: mooring ${line}: ${message}`));
    }
  }
  expect(wrong).toEqual([]);
});
