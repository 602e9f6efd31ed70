import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Failure } from "../../src/model/failure.ts";
import { eventually } from "../support/wait.ts";
import { compilerMissing, countStalePackages, goMissing, runGo } from "./go.ts";
import { isAlive } from "./lock.ts";

let dir: string;
const path = process.env.PATH;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "mooring-go-test-"));
  process.env.PATH = `${dir}${delimiter}${path}`;
});

afterEach(async () => {
  process.env.PATH = path;
  await rm(dir, { recursive: true });
});

/** A `go` that does what the lines of shell say. */
async function fakeGo(...lines: readonly string[]): Promise<void> {
  await writeFile(join(dir, "go"), ["#!/bin/sh", ...lines].join("\n"));
  await chmod(join(dir, "go"), 0o755);
}

test("its output is the answer, and the lines beside it are told one by one", async () => {
  await fakeGo("echo go: downloading a v1 >&2", "echo a/b >&2", 'echo "$1 CGO=$CGO_ENABLED"');
  const lines: string[] = [];
  expect(await runGo({ args: ["env"], cwd: dir, onLine: (line) => lines.push(line) })).toBe("env CGO=0\n");
  expect(lines).toEqual(["go: downloading a v1", "a/b"]);
});

test("a build that fails is a ToolMissing with Go's own words", async () => {
  await fakeGo("echo a.go:1:1: no space left on device >&2", "exit 1");
  const failed = await runGo({ args: ["build"], cwd: dir }).catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(Failure);
  expect(failed).toMatchObject({ code: "ToolMissing", message: "go build failed: a.go:1:1: no space left on device" });
});

test("an interrupted build ends its process", async () => {
  const pidFile = join(dir, "pid");
  await fakeGo(`echo $$ > ${pidFile}`, "exec sleep 600");
  const stop = new AbortController();
  const build = runGo({ args: ["build"], cwd: dir, signal: stop.signal }).catch((thrown: unknown) => thrown);
  const pid = await eventually(async () => Number(await readFile(pidFile, "utf8")), { what: "the build to start" });
  stop.abort();
  expect(await build).toMatchObject({ name: "AbortError" });
  await eventually(() => !isAlive(pid), { what: "the process to be gone" });
});

test("packages that are up to date are not counted", async () => {
  await fakeGo("printf 'a\\nb/c\\n\\n'");
  expect(await countStalePackages(["./..."], { cwd: dir, flags: [] })).toBe(2);
});

test.each([
  ["go1.26.8", "auto", undefined],
  ["go1.27.0", "local", undefined],
  ["go1.21.3", "auto", undefined],
  ["go1.21.3", "local", /Go is 1\.21\.3 here, which is too old/],
  ["go1.19", "", /Go is 1\.19 here, which is too old/],
])("Go %s with GOTOOLCHAIN=%s", async (version, toolchain, reason) => {
  await fakeGo(`printf '${version}\\n${toolchain}\\n'`);
  if (reason === undefined) expect(goMissing()).toBeUndefined();
  else expect(goMissing()).toMatch(reason);
});

test.each([
  ["that is there", "git", undefined],
  ["that is not", "no-such-compiler -pthread", /A C compiler is needed once.*Install gcc/],
])("a C compiler %s", async (_, compiler, reason) => {
  await fakeGo(`echo '${compiler}'`);
  if (reason === undefined) expect(compilerMissing()).toBeUndefined();
  else expect(compilerMissing()).toMatch(reason);
});
