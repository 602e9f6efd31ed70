import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

/** The program from source. */
export const mooringSource = resolve(import.meta.dirname, "../../src/main.ts");

/** What a run of the program left. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of the tests, which names no kubeconfig and allows no colours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** The program file, instead of the source. */
  readonly program?: string;
}

/** Runs the program to its end, in a process of its own. */
export async function runMooring(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const env = { ...process.env, KUBECONFIG: "", HOME: "/nonexistent", NO_COLOR: "1", ...options.env };
  const child = spawn(process.execPath, [options.program ?? mooringSource, ...args], {
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin.end(options.stdin ?? "");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}
