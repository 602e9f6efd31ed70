import { readFile } from "node:fs/promises";
import { isObject } from "../../model/json/json.ts";

/** What a process has taken of the machine. */
export interface Usage {
  /** Of the processor, over its whole life and all its threads. */
  readonly cpuMs: number;
  /** What it holds now, buffers outside the heap included. */
  readonly memoryMiB: number;
}

/** The unit of proc_pid_stat(5): 100 a second on every architecture that Node runs on. */
const msPerTick = 10;

/** Asks the system; undefined where it does not tell (any other than Linux), and of a process that is gone. */
export async function usageOf(pid: number | undefined): Promise<Usage | undefined> {
  if (process.platform !== "linux" || pid === undefined) return undefined;
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "latin1").catch(untold);
  const [stat, status] = await Promise.all([read("stat"), read("status")]);
  return stat === undefined || status === undefined ? undefined : usageIn(stat, status);
}

/** A process may go while it is looked at, and a system may hide it. */
function untold(thrown: unknown): undefined {
  if (!isObject(thrown) || typeof thrown.code !== "string") throw thrown;
}

/** The same from the texts of proc_pid_stat(5) and proc_pid_status(5). */
export function usageIn(stat: string, status: string): Usage | undefined {
  // The second field is the program's name, in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  // A page has 4 KiB on one machine and 64 on the next; this line says it in KiB.
  const [, resident] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (!Number.isFinite(user + system) || resident === undefined) return undefined;
  return { cpuMs: (user + system) * msPerTick, memoryMiB: Number(resident) / 1024 };
}
