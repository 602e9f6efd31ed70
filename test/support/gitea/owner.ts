/** A program that starts a Gitea, tells about it on one line, and waits for its own end: for the tests that kill it. */
import { startGitea } from "./gitea.ts";

const { pids, dir } = await startGitea();
process.stdout.write(`${JSON.stringify({ pids, dir })}\n`);
