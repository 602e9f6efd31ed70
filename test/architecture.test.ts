import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { violations } from "./support/architecture-rules.ts";

const root = resolve(import.meta.dirname, "..");

test("every file keeps the rules of the house", () => {
  const paths = globSync("{src,test,scripts}/**/*.ts", { cwd: root });
  expect(paths.length).toBeGreaterThan(50);
  expect(violations(paths.map((path) => ({ path, text: readFileSync(resolve(root, path), "utf8") })))).toEqual([]);
});

test.each([
  ["agent", 0.6],
  ["source", 0.6],
  ["seal", 0.6],
  ["cluster", 0.6],
  ["rollout", 1],
  ["environment", 1],
])("%s has at least %d lines of test beside the code for a line of source", (room, least) => {
  const linesOf = (paths: readonly string[]) =>
    paths.reduce((sum, path) => sum + readFileSync(resolve(root, path), "utf8").split("\n").length - 1, 0);
  const all = globSync(`src/${room}/**/*.ts`, { cwd: root });
  const tests = all.filter((path) => path.endsWith(".test.ts"));
  expect(linesOf(tests) / (linesOf(all) - linesOf(tests))).toBeGreaterThanOrEqual(least);
});

describe("the rules bite", () => {
  const offences: readonly (readonly [path: string, text: string, complaint: string])[] = [
    ["src/plan/a.ts", 'import { seal } from "../seal/index.ts";', "plan must not import seal"],
    ["src/template/a.ts", 'import { labelOf } from "../seal/index.ts";', "template must not import seal"],
    ["src/seal/a.ts", 'import { parse } from "../template/syntax/parse.ts";', "instead of src/template/index.ts"],
    ["src/template/a.ts", "const id = crypto.randomUUID();", "must not use randomness"],
    ["src/plan/a.ts", 'import type { Client } from "../cluster/index.ts";', "plan must not import cluster"],
    ["src/model/a.ts", 'import { apiVersion } from "../api/names.ts";', "model must not import api"],
    ["src/cluster/a.ts", 'export { run } from "../rollout/index.ts";', "cluster must not import rollout"],
    ["src/source/a.ts", 'const it = await import("../cli/index.ts");', "source must not import cli"],
    ["src/agent/a.ts", 'import {\n  render,\n} from "../render/yaml/print.ts";', "instead of src/render/index.ts"],
    ["src/cli/a.ts", 'import { runAgent } from "../agent/index.ts";', "only src/cli/commands/agent.ts imports agent"],
    ["src/cli/a.ts", '  const it = await import("../agent/index.ts");', "only src/cli/commands/agent.ts imports agent"],
    ["src/cli/commands/agent.ts", 'import { runAgent } from "../../agent/index.ts";', "and only when it runs"],
    ["src/promote/a.ts", 'import type { Log } from "../agent/index.ts";', "promote must not import agent"],
    ["src/cli/a.ts", 'import { registry } from "../../test/support/registry.ts";', "which is in no room"],
    [
      "src/health/a.ts",
      'import { readFile } from "node:fs/promises";',
      "health is pure and must not import node:fs/promises",
    ],
    ["src/model/a.ts", 'import { createHash } from "node:crypto";', "model is pure and must not import node:crypto"],
    ["src/render/a.ts", "const home = process.env.HOME;", "must not use process"],
    ["src/plan/a.ts", "const now = Date.now();", "must not use Date.now"],
    ["src/health/a.ts", "const now = new Date();", "must not use new Date()"],
    ["src/seal/a.ts", "const nonce = Math.random();", "must not use Math.random"],
    ["src/plan/a.ts", "const id = crypto.randomUUID();", "must not use randomness"],
    ["src/health/a.ts", "const start = performance.now();", "must not use performance"],
    ["src/health/a.ts", "setTimeout(check, 1000);", "must not use a timer"],
    ["src/render/a.ts", 'const base = await fetch("https://example.com");', "must not use fetch"],
    ["src/render/a.ts", "let cache = new Map();", "must not use a module variable that changes"],
    ["src/agent/a.ts", "setTimeout(wake, 1000);", "makes a timer that clock did not make"],
    ["src/rollout/a.ts", "this.later = setImmediate(() => judge());", "makes a timer that clock did not make"],
    ["src/render/a.ts", "export default 1;", "exports a default"],
    ["src/render/utils.ts", "export const one = 1;", '"utils" does not say what it is for'],
    ["test/helpers/one.ts", "export const one = 1;", '"helpers" does not say what it is for'],
    ["src/agent/a.ts", 'import { vouchAsKeyHolder } from "../seal/index.ts";', "agent must ask before it opens"],
    ["src/rollout/a.ts", "const open = manifests as Vouched;", "rollout must ask before it opens"],
    ["src/render/a.ts", "const one = 1;\n".repeat(401), "401 lines, more than 400"],
  ];
  test.each(offences)("$0: $2", (path, text, complaint) => {
    expect(violations([{ path, text }])).toEqual([expect.stringContaining(complaint)]);
  });

  const folder = (path: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ path: path.replace("N", String(n)), text: "export const one = 1;" }));
  test.each([
    ["src/plan/fieldN.ts", "src/plan"],
    ["test/support/N.ts", "test/support"],
    ["test/cluster/N.test.ts", "test/cluster"],
  ])("on 15 files like %s", (path, name) => {
    expect(violations(folder(path, 15))).toEqual([`${name}: 15 files side by side, more than 14`]);
    expect(violations(folder(path, 14))).toEqual([]);
  });
  test("but not on tests beside 14 files", () => {
    expect(violations([...folder("src/plan/N.ts", 14), ...folder("src/plan/N.test.ts", 14)])).toEqual([]);
  });

  const file = (path: string, ...imported: readonly string[]) => ({
    path,
    text: imported.map((each) => `import type { One } from "${each}";`).join("\n"),
  });
  test("on an import circle, and names all that are in it", () => {
    const circle = [
      file("src/plan/a.ts", "./b.ts"),
      file("src/plan/b.ts", "./c/d.ts"),
      file("src/plan/c/d.ts", "../a.ts"),
    ];
    expect(violations([...circle, file("src/plan/e.ts", "./a.ts")])).toEqual([
      "import circle: src/plan/a.ts, src/plan/b.ts, src/plan/c/d.ts",
    ]);
  });
  test("on each of two import circles", () => {
    const files = [
      file("src/plan/a.ts", "./b.ts", "./c.ts"),
      file("src/plan/b.ts", "./a.ts"),
      file("src/plan/c.ts", "./d.ts"),
      file("src/plan/d.ts", "./c.ts"),
    ];
    expect(violations(files)).toEqual([
      "import circle: src/plan/c.ts, src/plan/d.ts",
      "import circle: src/plan/a.ts, src/plan/b.ts",
    ]);
  });
  test("but not on a diamond of imports", () => {
    const files = [
      file("src/plan/a.ts", "./b.ts", "./c.ts"),
      file("src/plan/b.ts", "./d.ts"),
      file("src/plan/c.ts", "./d.ts"),
      file("src/plan/d.ts"),
    ];
    expect(violations(files)).toEqual([]);
  });

  const permitted: readonly (readonly [path: string, text: string])[] = [
    ["src/cli/commands/agent.ts", '  const { runAgent } = await import("../../agent/index.ts");'],
    ["src/plan/a.ts", 'import { createHash } from "node:crypto";\nimport { Failure } from "../model/failure.ts";'],
    ["src/health/a.ts", "const at = new Date(timestamp);"],
    [
      "src/health/a.ts",
      "// Date.now() would not do here\nconst text = 'the process.env of a container';".replaceAll("'", '"'),
    ],
    ["src/render/a.ts", "export function process(value: string) {\n  let rest = value;\n}"],
    ["src/seal/a.ts", "const nonce = crypto.getRandomValues(new Uint8Array(12));"],
    ["src/rollout/a.ts", 'import { plan } from "../plan/index.ts";\nconst now = Date.now();'],
    ["src/seal/a.ts", 'import { renderTemplate } from "../template/index.ts";'],
    ["src/main.ts", 'const { agent } = await import("./agent/index.ts");'],
    ["src/plan/a.test.ts", 'import { seal } from "../seal/index.ts";'],
  ];
  test.each(permitted)("but not on a fair $0", (path, text) => {
    expect(violations([{ path, text }])).toEqual([]);
  });
});
