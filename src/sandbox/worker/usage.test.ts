import { expect, test } from "vitest";
import { usageIn, usageOf } from "./usage.ts";

// As proc_pid_stat(5) and proc_pid_status(5) describe them: utime and stime are the fields 14 and 15.
const after = "S 1 10 10 0 -1 4194304 100 0 0 0 123 45 0 0 20 0 11 0 500 1000000000 99999 18446744073709551615";
const status = "Name:\tnode\nVmPeak:\t  900000 kB\nVmRSS:\t   87040 kB\nThreads:\t11\n";

test.each(["node", "a) S 9 (b", "x y z"])("what a process called %j has taken", (name) => {
  expect(usageIn(`4711 (${name}) ${after}`, status)).toEqual({ cpuMs: 1680, memoryMiB: 85 });
});

test("nothing is known of what is no longer there, and of texts of another kind", async () => {
  expect(await usageOf(undefined)).toBeUndefined();
  expect(await usageOf(2 ** 30)).toBeUndefined();
  expect(usageIn("", "")).toBeUndefined();
  expect(usageIn(`1 (node) ${after}`, "Name:\tzombie\n")).toBeUndefined();
});

test.runIf(process.platform === "linux")("what this very process has taken", async () => {
  const before = await usageOf(process.pid);
  const until = process.cpuUsage().user + 50_000;
  while (process.cpuUsage().user < until) Math.sqrt(until);
  const later = await usageOf(process.pid);
  expect(before?.memoryMiB).toBeGreaterThan(10);
  expect(later?.cpuMs).toBeGreaterThan(before?.cpuMs ?? Number.POSITIVE_INFINITY);
});
