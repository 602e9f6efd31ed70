import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { tool } from "../toolchain/tools.ts";

const run = promisify(execFile);

/** What the real kustomize says to a build: what it prints, or why it refuses. */
export type Verdict = { readonly output: string } | { readonly error: string };

/** Builds a directory with the real kustomize, with further flags as given. */
export async function kustomizeBuild(directory: string, ...flags: readonly string[]): Promise<Verdict> {
  const kustomize = await tool("kustomize");
  try {
    const { stdout } = await run(kustomize, ["build", directory, ...flags], { maxBuffer: 256 * 1024 * 1024 });
    return { output: stdout };
  } catch (thrown) {
    if (!(thrown instanceof Error && "stderr" in thrown && "code" in thrown)) throw thrown;
    // What makes it crash is no answer either.
    const refused = thrown.code === 1 || (thrown.code === 2 && /^panic: /m.test(String(thrown.stderr)));
    if (refused) return { error: String(thrown.stderr) };
    throw thrown;
  }
}
