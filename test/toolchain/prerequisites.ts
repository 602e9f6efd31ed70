import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../src/model/failure.ts";
import { compilerMissing, goMissing } from "./go.ts";
import { isBuilt } from "./tools.ts";

const run = promisify(execFile);

/** The real servers that are built here. */
export type RealServer = "control plane" | "gitea";

/**
 * Throws `ToolMissing`, with one paragraph that says what to install, when this machine cannot run what is asked for:
 * git with its HTTP server side and, for what is not built already, Go and for Gitea a C compiler.
 * (`scripts/require-node.mjs` checks Node.)
 */
export async function checkPrerequisites(servers: readonly RealServer[] = ["control plane", "gitea"]): Promise<void> {
  const unbuilt = [];
  for (const server of servers) if (!(await isBuilt(server === "gitea" ? "gitea" : "etcd"))) unbuilt.push(server);
  const missing = [
    await gitMissing(),
    unbuilt.length === 0 ? undefined : goMissing(),
    unbuilt.includes("gitea") ? compilerMissing() : undefined,
  ];
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
