import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Failure } from "../../src/model/failure.ts";
import type { Progress } from "./progress.ts";

/** One run of the Go tool. */
export interface GoRun {
  readonly args: readonly string[];
  readonly cwd: string;
  /** On top of the process's own environment and the settings every run shares. */
  readonly env?: NodeJS.ProcessEnv;
  /** Every line of its error output, where Go says what it fetches and compiles. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The flags of every build. They are part of the key of Go's own cache: other flags would compile everything again. */
export const buildFlags: readonly string[] = ["-trimpath", "-ldflags=-s -w"];

const tailLines = 15;

/**
 * Runs `go` and answers with its output. CGO is off unless `env` turns it on, so no C compiler is needed.
 * Throws `ToolMissing` with the last lines of Go's own words when it fails or is not installed.
 */
export async function runGo(run: GoRun): Promise<string> {
  const child = spawn("go", run.args, {
    cwd: run.cwd,
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off", ...run.env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const tail: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    run.onLine?.(line);
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
  });
  const output = readAll(child.stdout);
  const code = await ended.catch((thrown: unknown) => {
    run.signal?.throwIfAborted();
    throw new Failure("ToolMissing", { message: "go could not be started" }, { cause: thrown });
  });
  if (code === 0) return output;
  throw new Failure("ToolMissing", { message: `go ${run.args.join(" ")} failed: ${tail.join("\n")}` });
}

/**
 * The number of packages that a build of `packages` still has to compile. Fetches the modules it needs.
 * Go prints nothing on what it finds in its cache, so this is also the number of lines `go build -v` will print.
 */
export async function countStalePackages(
  packages: readonly string[],
  { flags, ...run }: Omit<GoRun, "args"> & { readonly flags: readonly string[] },
): Promise<number> {
  const format = "{{if .Stale}}{{.ImportPath}}{{end}}";
  const output = await runGo({ ...run, args: ["list", "-deps", ...flags, "-f", format, ...packages] });
  return output.split("\n").filter((line) => line !== "").length;
}

/** A listener for Go's error output that turns what it fetches and what it compiles into progress. */
export function goProgress(what: string, progress: Progress, total?: number): (line: string) => void {
  let fetched = 0;
  let compiled = 0;
  return (line) => {
    if (line.startsWith("go: downloading ")) {
      fetched += 1;
      progress.update({ what: `Fetching what ${what} is made of`, done: fetched, unit: "modules" });
    } else if (/^[^\s:]+$/.test(line)) {
      compiled += 1;
      const amount = total === undefined ? {} : { total: Math.max(total, compiled) };
      progress.update({ what: `Building ${what}`, done: compiled, ...amount, unit: "packages" });
    }
  };
}

/** Why Go cannot build the tools here, as a sentence; undefined when it can. */
export function goMissing(): string | undefined {
  const hint = "Install Go 1.26 or later (go.dev/dl) and put it on the PATH.";
  try {
    return goTooOld(execFileSync("go", ["env", "GOVERSION", "GOTOOLCHAIN"], { encoding: "utf8" }), hint);
  } catch {
    return `Go is needed once, to build the real parts that the tests and the demo run against, and there is no go command. ${hint}`;
  }
}

/** Why Go cannot build programs with C in them here, as a sentence; undefined when it can. */
export function compilerMissing(): string | undefined {
  try {
    const [compiler = "gcc"] = execFileSync("go", ["env", "CC"], { encoding: "utf8" }).trim().split(" ");
    execFileSync(compiler, ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "A C compiler is needed once, to build the real Gitea with its SQLite. Install gcc and put it on the PATH.";
  }
}

/** From 1.21 on, Go fetches the toolchain that go.mod asks for by itself, unless it was told to stay local. */
function goTooOld(env: string, hint: string): string | undefined {
  const [version = "", toolchain = ""] = env.split("\n");
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  if (Number.isNaN(minor) || minor >= 26 || (minor >= 21 && toolchain !== "local")) return undefined;
  return `Go is ${version.slice(2)} here, which is too old to build the real parts that the tests and the demo run against. ${hint}`;
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
