import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { isAlive } from "../../toolchain/lock.ts";
import { eventually } from "../wait.ts";
import { startControlPlane } from "./control-plane.ts";

interface Remains {
  readonly pids: readonly number[];
  readonly dir: string;
}

const ownerScript = join(import.meta.dirname, "owner.ts");

function nothingLeft({ pids, dir }: Remains): boolean {
  return !existsSync(dir) && !pids.some(isAlive);
}

test("nothing is left after stop, which may be called twice", async () => {
  const plane = await startControlPlane();
  expect(plane.pids).toHaveLength(5);
  expect(plane.pids.every(isAlive)).toBe(true);
  await plane.stop();
  await plane.stop();
  expect(nothingLeft(plane)).toBe(true);
});

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "nothing is left after %s to the process that started it",
  async (signal) => {
    const owner = spawn(process.execPath, [ownerScript], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(createInterface({ input: owner.stdout }), "line");
    const remains = JSON.parse(line) as Remains;
    expect(nothingLeft(remains)).toBe(false);
    owner.kill(signal);
    await eventually(() => nothingLeft(remains), { what: "every process and file to be gone" });
  },
);

test("nothing is left when its own host or one of its parts is killed", async () => {
  const planes = await Promise.all([startControlPlane(), startControlPlane()]);
  for (const [index, { pids }] of planes.entries()) process.kill(pids[index] ?? Number.NaN, "SIGKILL");
  await eventually(() => planes.every(nothingLeft), { what: "both to be gone" });
});

test("nothing is left of a control plane whose owner dies while it starts", async () => {
  const dir = await mkdtemp(join(tmpdir(), "mooring-half-started-"));
  const owner = spawn(process.execPath, [ownerScript, dir], { stdio: "ignore" });
  await eventually(() => existsSync(join(dir, "logs", "kube-apiserver.log")), { what: "its parts to be started" });
  owner.kill("SIGKILL");
  // The host removes the folder only after the last of its processes.
  await eventually(() => !existsSync(dir), { what: "the folder to be gone" });
});
