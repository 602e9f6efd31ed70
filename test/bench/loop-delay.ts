import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Loaded into an agent before it starts (`--import`): writes into a file, every second, how long its event loop was held at
 * most in that second, in milliseconds, one number a line. The file is named by `MOORING_LOOP_DELAYS`.
 */

const resolutionMs = 5;
const file = process.env.MOORING_LOOP_DELAYS;
if (file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  setInterval(() => {
    const longest = Math.max(0, delays.max / 1e6 - resolutionMs);
    writeFileSync(file, `${longest.toFixed(1)}\n`, { flag: "a" });
    delays.reset();
  }, 1_000).unref();
}
