import { spawn } from "node:child_process";
import { resolve } from "node:path";

/**
 * `npm run check`: runs what looks at the sources side by side, and prints the output of each as soon as it has ended. Ends with
 * 1 where one of them found something, after all have ended.
 */

const checks: Readonly<Record<string, readonly string[]>> = {
  types: ["tsc", "-p", "."],
  lint: ["biome", "check", "."],
  architecture: ["vitest", "run", "test/architecture.test.ts"],
  generated: ["node", "scripts/generate.ts", "--check"],
};

interface Result {
  readonly name: string;
  readonly passed: boolean;
}

const root = resolve(import.meta.dirname, "..");
const results = await Promise.all(Object.entries(checks).map(([name, command]) => run(name, command)));
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
if (failed.length > 0) console.error(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Runs one program of `node_modules/.bin`; what it says is held back until it has ended, and left out where all is well. */
function run(name: string, [program = "", ...args]: readonly string[]): Promise<Result> {
  const started = performance.now();
  const path = `${resolve(root, "node_modules/.bin")}:${process.env.PATH ?? ""}`;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((done) => {
    const end = (passed: boolean, problem = "") => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${passed ? "passed" : "FAILED"}  ${name} (${seconds} s)\n`);
      if (!passed) process.stdout.write(`${Buffer.concat(output).toString()}${problem}\n`);
      done({ name, passed });
    };
    child.once("error", ({ message }) => end(false, message));
    child.once("close", (code) => end(code === 0));
  });
}
