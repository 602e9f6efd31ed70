import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { registry } from "../../../src/cli/index.ts";
import { runInProcess } from "../../seal/run-in-process.ts";
import { mooringSource, runMooring } from "../run-mooring.ts";

const run = promisify(execFile);
const inProcess = (line: string) => runInProcess(line, { cwd: "." });

describe("help", () => {
  test("of the program names every command", async () => {
    const { code, stdout, stderr } = await runMooring([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const { name, summary } of registry) expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary}$`, "m"));
  });

  test("can be asked for in words", async () => {
    const [words, flag] = await Promise.all([inProcess("help get env"), inProcess("get env --help")]);
    expect(words).toEqual(flag);
  });

  test("of a group names its commands", async () => {
    const { stdout } = await inProcess("get");
    expect(stdout).toContain("get environments");
    expect(stdout).not.toContain("suspend");
  });

  test.each(registry.map(({ name }) => name))("of %s has a usage line and an example", async (name) => {
    const { code, stdout, stderr } = await inProcess(`${name} --help`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Usage:\n  mooring ${name}`);
    expect(stdout).toMatch(/Examples:\n {2}# .+\n {2}\S/);
  });
});

describe("what cannot be understood", () => {
  test.each([
    ["biuld .", 'error: unknown command "biuld"'],
    ["version --colour", "error: unknown flag --colour\n  hint: did you mean --color?\n"],
    ["completion", "error: SHELL is missing: Shell to print the script for\n"],
    ["version now", 'error: unexpected argument "now"\n'],
  ])("mooring %s", async (line, message) => {
    const { code, stdout, stderr } = await inProcess(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

test("colours come when they are asked for", async () => {
  const colour = "\u001b[";
  expect((await runMooring(["--help", "--color", "always"])).stdout).toContain(colour);
  expect((await runMooring(["--help"])).stdout).not.toContain(colour);
  expect((await runMooring(["nonsense"])).stderr).not.toContain(colour);
});

test("escape sequences of a stranger are written out, in colour too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mooring-"));
  const hostile = "a\u001b]0;owned\u0007\u001b[31m\u202e.yaml";
  await writeFile(join(folder, "kustomization.yaml"), `resources: [${JSON.stringify(hostile)}]`);
  const { stderr } = await runMooring(["build", folder, "--color", "always"]);
  expect(stderr).toContain("a\\u001b]0;owned\\u0007\\u001b[31m\\u202e.yaml");
  expect(stderr.replaceAll(/\p{Cc}\[\d+m/gu, "")).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  await rm(folder, { recursive: true });
});

test("a reader that goes away is no error", async () => {
  const { stdout, stderr } = await run("bash", [
    "-c",
    `"$0" "$1" completion zsh | head -n 1; echo "\${PIPESTATUS[0]}"`,
    process.execPath,
    mooringSource,
  ]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^#compdef mooring\n(?:0|141)\n$/);
});

describe("an output that cannot be written", () => {
  test.each(["completion zsh", "version", "--help", "plan --help", "migrate flux -"])("%s", async (line) => {
    const flux = JSON.stringify(fluxObjects);
    const script = `echo '${flux}' | "$0" "$1" ${line} > /dev/full; echo "$?"`;
    const { stdout, stderr } = await run("bash", ["-c", script, process.execPath, mooringSource]);
    expect(stderr).toBe("error: standard output cannot be written: no space left on device\n");
    expect(stdout).toBe("2\n");
  });
});

const fluxObjects = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind: "GitRepository",
      metadata: { name: "a", namespace: "b" },
      spec: { url: "https://git.example.com/a.git", interval: "1m" },
    },
    {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "a", namespace: "b" },
      spec: { sourceRef: { kind: "GitRepository", name: "a" }, path: "./a", prune: true, interval: "1m" },
    },
  ],
};

describe("what is thrown by mistake", () => {
  /** A program with one command, whose failures have another exit code as those of `plan` have. */
  const ending = (work: string) => `
import { endOnBug, processSurroundings, runProgram } from "${new URL("../../../src/cli/index.ts", import.meta.url)}";
endOnBug(process);
const wrong = { arguments: {}, flags: {}, examples: [], errorExit: 2, run: async () => { ${work}; return 1; } };
const registry = [{ name: "wrong", summary: "", load: async () => wrong }];
process.exit(await runProgram(["wrong"], registry, processSurroundings(process)));
`;

  test.each([
    ["by the command", "null.x"],
    ["by a callback", "await new Promise(() => setTimeout(() => null.x, 1))"],
    [
      "by a promise that nobody waits for",
      "Promise.reject(new TypeError('x')); await new Promise((done) => setTimeout(done, 60_000))",
    ],
  ])("%s is told as a bug, with an exit code of its own", async (_, work) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", ending(work)]);
    const [stderr] = await Promise.all([text(child.stderr), once(child, "close")]);
    expect({ code: child.exitCode, first: stderr.split("\n")[0] }).toEqual({
      code: 70,
      first: "error: internal error (TypeError)",
    });
    expect(stderr).toContain("this is a bug in mooring: please report it");
  });
});

test("an interruption ends a wait at once, without a stack trace", async () => {
  const env = { ...process.env, HOME: "/nonexistent", KUBECONFIG: "" };
  const child = spawn(process.execPath, ["--input-type=module", "-e", waiting], { env });
  const errors: string[] = [];
  child.stderr.on("data", (data) => errors.push(String(data)));
  await once(child.stdout, "data");
  child.kill("SIGINT");
  await once(child, "close");
  expect({ code: child.exitCode, errors }).toEqual({ code: 130, errors: [] });
});

/** A program with one command that waits until it is interrupted. */
const waiting = `
import { setTimeout as pause } from "node:timers/promises";
import { processSurroundings, runProgram } from "${new URL("../../../src/cli/index.ts", import.meta.url)}";
const wait = {
  arguments: {}, flags: {}, examples: [],
  run: async ({ stdout, signal }) => { stdout.write("waiting"); await pause(60_000, undefined, { signal }); },
};
const registry = [{ name: "wait", summary: "", load: async () => wait }];
process.exit(await runProgram(["wait"], registry, processSurroundings(process)));
`;

describe("completion in bash", () => {
  const complete = async (...words: readonly string[]) => {
    const { stdout: script } = await inProcess("completion bash");
    const line = words.map((word) => `'${word}'`).join(" ");
    const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _mooring; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run("bash", ["-c", `${script}\n${ask}`]);
    return stdout.split("\n").filter((word) => word !== "");
  };

  test.each([
    [["mooring", "res"], ["resume"]],
    [
      ["mooring", "get", ""],
      ["environments", "promotions"],
    ],
    [["mooring", "get", "environments", "--all"], ["--all-namespaces"]],
    [
      ["mooring", "get", "env", "-o", ""],
      ["json", "yaml"],
    ],
    [["mooring", "completion", "f"], ["fish"]],
    [
      ["mooring", "version", "--color", "a"],
      ["auto", "always"],
    ],
    [["mooring", "version", "--kubeconfig", ""], []],
  ])("%j", async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });

  test("the first word is a command", async () => {
    const first = [...new Set(registry.map(({ name }) => name.split(" ")[0]))].sort();
    expect((await complete("mooring", "")).sort()).toEqual(first);
  });
});
