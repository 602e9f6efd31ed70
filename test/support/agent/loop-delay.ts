import { writeFileSync } from "node:fs";

/**
 * Loaded into an agent before it starts (`--import`): writes into a file, every second, for how long its event loop was held
 * at most in that second, one number a line: in milliseconds of the processor that passed between two looks of a timer that
 * is due every 5 ms. Not by the clock: on a busy machine that counts what others do. The file is named by
 * `MOORING_LOOP_DELAYS`.
 */

const file = process.env.MOORING_LOOP_DELAYS;
if (file !== undefined) {
  let longest = 0;
  let last = cpuMs();
  const look = () => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  };
  setInterval(look, 5).unref();
  setInterval(() => {
    writeFileSync(file, `${longest.toFixed(1)}\n`, { flag: "a" });
    longest = 0;
  }, 1_000).unref();
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
