import { readFile } from "node:fs/promises";

/** What a process used so far, as Linux counts it. */
export interface ProcessUsage {
  /** User and system time. */
  readonly cpuSeconds: number;
  /** The most memory it ever held. */
  readonly peakRssMiB: number;
}

/** USER_HZ: 100 on every architecture that Node runs on (`man 5 proc`). */
const ticksPerSecond = 100;

/** Reads `/proc/<pid>/stat` and `/proc/<pid>/status`. */
export async function processUsage(pid: number): Promise<ProcessUsage> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  // The second field is the name in parentheses, which may hold spaces; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const peakKiB = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    peakRssMiB: Number(peakKiB) / 1024,
  };
}
