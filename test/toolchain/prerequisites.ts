import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../src/model/failure.ts";
import { goMissing } from "./go.ts";
import { isControlPlaneBuilt } from "./tools.ts";

const run = promisify(execFile);

/**
 * Throws `ToolMissing`, with one paragraph that says what to install, when this machine cannot run the tests or the demo:
 * git with its HTTP server side and, unless the control plane is built already, Go. (`scripts/require-node.mjs` checks Node.)
 */
export async function checkPrerequisites(): Promise<void> {
  const missing = [await gitMissing()];
  if (!(await isControlPlaneBuilt())) missing.push(goMissing());
  const problems = missing.filter((reason) => reason !== undefined);
  if (problems.length > 0) throw new Failure("ToolMissing", { message: problems.join(" ") });
}

async function gitMissing(): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", ["--exec-path"]);
    await access(join(stdout.trim(), "git-http-backend"));
    return undefined;
  } catch {
    return "Git is needed, with its HTTP server side (git http-backend, part of the usual git package). Install git.";
  }
}
