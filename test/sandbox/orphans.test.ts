import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { usageIn } from "../../src/sandbox/worker/usage.ts";
import { eventually } from "../support/wait.ts";

const program = fileURLToPath(new URL("busy-agent.ts", import.meta.url));

/** Every process that descends from one, by what /proc says now. */
async function descendants(root: number): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map<number, number>();
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)));
  return pids.filter((pid) => pid !== root && belongs(pid));
}

const commandOf = (pid: number) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "");
const stateOf = async (pid: number) =>
  /^State:\s+(\S)/m.exec(await readFile(`/proc/${pid}/status`, "latin1").catch(() => ""))?.[1];
const isAlive = async (pid: number) => !["Z", "X", undefined].includes(await stateOf(pid));
const cpuMsOf = async (pid: number) => {
  const read = (name: string) => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
  return usageIn(await read("stat"), await read("status"))?.cpuMs ?? 0;
};

describe.runIf(process.platform === "linux")("an agent that is killed", () => {
  test("leaves no worker behind, not even one that goes round and hears nothing", { timeout: 120_000 }, async () => {
    const agent = spawn(process.execPath, [program], { stdio: "ignore" });
    const root = agent.pid;
    if (root === undefined) throw new Error("it did not start");
    const isWorker = async (pid: number) => (await commandOf(pid)).includes("/worker/main.ts");
    let family: readonly number[] = [];
    try {
      // A worker that has computed for a while is in the middle of its task: it started within less.
      const busy = await eventually(
        async () => {
          family = await descendants(root);
          for (const pid of family) if ((await isWorker(pid)) && (await cpuMsOf(pid)) > 3_000) return pid;
          return undefined;
        },
        { what: "a busy worker", timeout: 60_000 },
      );
      expect(family).toContain(busy);
      agent.kill("SIGKILL");
      const anyLeft = async () => (await Promise.all(family.map(isAlive))).includes(true);
      await eventually(async () => !(await anyLeft()), { what: "the end of all of them", timeout: 30_000 });
    } finally {
      agent.kill("SIGKILL");
      for (const pid of family) if (await isWorker(pid)) process.kill(pid, "SIGKILL");
    }
  });
});
