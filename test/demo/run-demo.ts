import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

// npm keeps compiled code among the temporary files.
const quiet = { NODE_DISABLE_COMPILE_CACHE: "1" };

/** The demo as a process, in a folder for temporary files of its own. */
export interface DemoRun {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  /** What of it is still there: files, processes that name its folder, and ports that answer. */
  readonly remains: () => Promise<readonly string[]>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** Starts a program that runs the demo. */
export async function startDemo(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<DemoRun> {
  const dir = await mkdtemp(join(tmpdir(), "demo-test-"));
  const child = spawn(program, args, { cwd: root, env: { ...process.env, TMPDIR: dir, ...quiet, ...env } });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  const output = (): string => chunks.join("");
  const ended = once(child, "close").then(() => child.exitCode);
  return {
    child,
    output,
    ended,
    remains: async () => [
      ...(await readdir(dir)),
      ...(await commandsNaming(dir)),
      ...(await openAmong([...output().matchAll(/https?:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port)))),
    ],
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function commandsNaming(dir: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)("ps", ["axww", "-o", "args"]);
  return stdout.split("\n").filter((line) => line.includes(dir));
}

async function openAmong(ports: readonly number[]): Promise<readonly string[]> {
  const answers = await Promise.all(
    [...new Set(ports)].map(async (port) => {
      const socket = connect(port, "127.0.0.1");
      const open = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      return open ? [`port ${port}`] : [];
    }),
  );
  return answers.flat();
}
