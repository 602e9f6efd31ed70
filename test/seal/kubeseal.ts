import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { KubeObject } from "../../src/model/manifest.ts";
import { tool } from "../toolchain/tools.ts";

/** The real kubeseal, run without any cluster or kubeconfig. */
export interface Kubeseal {
  /** A directory of this run's own, for the files kubeseal is given. */
  readonly directory: string;
  /** Runs it and gives what it printed. Rejects with its error output. */
  run(args: readonly string[], input: string): Promise<string>;
  /** Writes a file into the directory and gives its path. */
  file(name: string, content: string): Promise<string>;
  remove(): Promise<void>;
}

/** Builds kubeseal where need be, and a directory for it. */
export async function kubeseal(): Promise<Kubeseal> {
  const [program, directory] = await Promise.all([tool("kubeseal"), mkdtemp(join(tmpdir(), "mooring-seal-"))]);
  return {
    directory,
    run: (args, input) => run(program, args, input),
    file: async (name, content) => {
      await writeFile(join(directory, name), content, { mode: 0o600 });
      return join(directory, name);
    },
    remove: () => rm(directory, { recursive: true }),
  };
}

/** Reads one object that kubeseal printed. */
export function readObject(text: string): KubeObject {
  return parse(text);
}

function run(program: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env: { KUBECONFIG: "/dev/null" } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr || error.message));
    });
    child.stdin?.end(input);
  });
}
