import { registry, runProgram } from "../../src/cli/index.ts";
import { connect, findAccess } from "../../src/cluster/index.ts";

/** What a command left. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command runs. */
export interface Place {
  readonly cwd: string;
  readonly stdin?: string;
  /** Without one, no cluster is to be found. */
  readonly kubeconfig?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the program in this process, so that many runs are quick. The words of the line are cut at spaces. */
export async function runInProcess(line: string, { cwd, stdin = "", kubeconfig = "", env = {} }: Place): Promise<Run> {
  const output = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    isTerminal: false,
    write: (data: string | Uint8Array) => {
      output[name] += Buffer.from(data).toString();
    },
  });
  const code = await runProgram(line.split(" "), registry, {
    stdin: { isTerminal: false, read: async () => Buffer.from(stdin) },
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    env,
    cwd,
    signal: new AbortController().signal,
    now: () => new Date(),
    connect: async (flags, ends) => connect(findAccess(flags, { KUBECONFIG: kubeconfig }), ends),
  });
  return { code, ...output };
}
