/** Runs once before the tests over real parts: what they need is checked, said and built, and what they leave is removed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../src/model/failure.ts";
import { checkPrerequisites } from "./toolchain/prerequisites.ts";
import { buildAll } from "./toolchain/tools.ts";

/** Called by vitest. Ends the run, with one paragraph and no stack trace, on a machine that cannot do it. */
export async function setup(): Promise<void> {
  try {
    await checkPrerequisites();
    await buildAll();
    collectTemporaryFiles();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    process.stderr.write(`\n${thrown.message}\n`);
    process.exit(1);
  }
}

/** One folder for everything temporary of the run, so that a test that is cut short leaves nothing behind either. */
function collectTemporaryFiles(): void {
  const scratch = mkdtempSync(join(tmpdir(), "mooring-tests-"));
  process.env.TMPDIR = scratch;
  process.once("exit", () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
}
