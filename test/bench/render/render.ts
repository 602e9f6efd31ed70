import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { tool } from "../../toolchain/tools.ts";
import { type BenchCase, benchCases } from "./render-cases.ts";

const run = promisify(execFile);
/** Milliseconds after which kustomize is stopped; it takes time in proportion to the square of the objects. */
const longestWait = 120_000;
const maxBuffer = 512 * 1024 * 1024;

/** What one case costs. Where kustomize was not run, it would have taken minutes. */
interface Measure {
  readonly name: string;
  readonly objects: number;
  readonly mooringMs: number;
  readonly mooringCommandMs: number;
  readonly kustomizeMs: number | null;
  /** How many times faster the build is in process. */
  readonly ratio: number | null;
  /** Of a process that does nothing but this build. */
  readonly rssMiB: number;
}

/** Measures rendering, in process and as a command, against the real kustomize. Prints a table, or JSON with `--json`. */
export async function benchRender(options: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "mooring-bench-"));
  try {
    const cases: Measure[] = [];
    for (const one of await benchCases(directory)) {
      process.stderr.write(`measuring ${one.name}\n`);
      cases.push(await measure(one));
    }
    process.stdout.write(options.includes("--json") ? `${JSON.stringify({ cases })}\n` : table(cases));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(one: BenchCase): Promise<Measure> {
  const inProcess = await child(one);
  const main = join(import.meta.dirname, "../../../src/main.ts");
  const mooringCommandMs = await best(3, () =>
    run(process.execPath, [main, "build", join(one.directory, one.path)], { maxBuffer }),
  );
  const kustomizeMs = one.oracle ? await kustomizeTime(one) : null;
  const ratio = kustomizeMs === null ? null : round(kustomizeMs / inProcess.ms);
  return {
    name: one.name,
    objects: inProcess.objects,
    mooringMs: round(inProcess.ms),
    mooringCommandMs: round(mooringCommandMs),
    kustomizeMs: kustomizeMs === null ? null : round(kustomizeMs),
    ratio,
    rssMiB: Math.round(inProcess.rssMiB),
  };
}

/** What the real kustomize takes, or null where that is more than anyone would wait for. */
async function kustomizeTime({ directory, path }: BenchCase): Promise<number | null> {
  const kustomize = await tool("kustomize");
  const build = () => run(kustomize, ["build", join(directory, path)], { maxBuffer, timeout: longestWait });
  try {
    return await best(1, build);
  } catch (thrown) {
    if (thrown instanceof Error && "killed" in thrown && thrown.killed) return null;
    throw thrown;
  }
}

/** Builds in a process of its own, so that its memory is that of this build. */
async function child({ directory, path }: BenchCase): Promise<{ objects: number; ms: number; rssMiB: number }> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "render-once.ts"), directory, path]);
  return JSON.parse(stdout);
}

async function best(times: number, task: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await task();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

const round = (value: number) => Math.round(value * 10) / 10;

function table(cases: readonly Measure[]): string {
  const head = ["case", "objects", "in process", "command", "kustomize", "ratio", "memory"];
  const rows = cases.map((one) => [
    one.name,
    String(one.objects),
    `${one.mooringMs} ms`,
    `${one.mooringCommandMs} ms`,
    one.kustomizeMs === null ? "minutes" : `${one.kustomizeMs} ms`,
    one.ratio === null ? "" : `${one.ratio}x`,
    `${one.rssMiB} MiB`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return `${[head, ...rows].map((row) => line(row).trimEnd()).join("\n")}\n`;
}
