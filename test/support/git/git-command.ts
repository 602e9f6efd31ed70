import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An identity of its own, and nothing of this machine's configuration. */
const environment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
};

/** Runs the real git in `dir`. Answers with its output without the last line break; throws with its own words. */
export async function git(dir: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["-c", "init.defaultBranch=main", ...args], {
    cwd: dir,
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trimEnd();
}
