/** `node test/toolchain/build.ts`: builds everything the tests and the demo need, ahead of time. */
import { Failure } from "../../src/model/failure.ts";
import { checkPrerequisites } from "./prerequisites.ts";
import { buildAll } from "./tools.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());

try {
  await checkPrerequisites();
  await buildAll(interrupted.signal);
} catch (thrown) {
  if (interrupted.signal.aborted) {
    process.stderr.write(
      "\nInterrupted; what was compiled so far is kept by Go and the next build goes on from there.\n",
    );
    process.exitCode = 130;
  } else if (thrown instanceof Failure) {
    process.stderr.write(`${thrown.message}\n`);
    process.exitCode = 1;
  } else {
    throw thrown;
  }
}
