/** Loaded in front of an agent of the tests: it collects its garbage when it is told to by SIGUSR2, and says so. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

process.on("SIGUSR2", () => {
  if (typeof collect !== "function") return;
  collect();
  // What is let go by a finalizer is collected only then.
  setImmediate(() => {
    collect();
    process.stderr.write("garbage was collected\n");
  });
});
