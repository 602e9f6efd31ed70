import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/wait.ts";
import { acquireLock, isAlive } from "./lock.ts";

let dir: string;
let path: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "mooring-lock-test-"));
  path = join(dir, "thing.lock");
});

afterEach(() => rm(dir, { recursive: true }));

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

async function leaveLock(owner: { readonly pid: number; readonly host: string }, seen: Date): Promise<void> {
  await mkdir(path);
  await writeFile(join(path, "owner.json"), JSON.stringify(owner));
  await utimes(path, seen, seen);
}

test("the second waits, is told for whom, and gets it when the first gives it back", async () => {
  const first = await acquireLock(path);
  const holders: (number | undefined)[] = [];
  const order: string[] = [];
  const second = acquireLock(path, { onWait: (holder) => holders.push(holder) }).then((lock) => {
    order.push("taken");
    return lock;
  });
  await eventually(() => holders.length > 0, { what: "the second to wait" });
  order.push("given back");
  await first?.release();
  await (await second)?.release();
  expect(order).toEqual(["given back", "taken"]);
  expect(holders).toEqual([process.pid]);
  expect(await readdir(dir)).toEqual([]);
});

test.each([
  ["is dead", async () => ({ owner: { pid: await deadProcess(), host: hostname() }, seen: new Date() })],
  ["is silent on another machine", async () => ({ owner: { pid: 1, host: "elsewhere" }, seen: new Date(0) })],
  [
    "is silent, its process id taken by another",
    async () => ({ owner: { pid: process.pid, host: hostname() }, seen: new Date(0) }),
  ],
])("a holder that %s is taken over", async (_, remains) => {
  const { owner, seen } = await remains();
  await leaveLock(owner, seen);
  const lock = await acquireLock(path);
  await lock?.release();
  expect(existsSync(path)).toBe(false);
});

test("a holder that died before it wrote its name is taken over once it was silent for long enough", async () => {
  await mkdir(path);
  await utimes(path, new Date(0), new Date(0));
  const lock = await acquireLock(path);
  expect(lock).toBeDefined();
  await lock?.release();
});

test("a holder on another machine that gives signs of life is waited for", async () => {
  await leaveLock({ pid: await deadProcess(), host: "elsewhere" }, new Date());
  const stop = new AbortController();
  const waiting = acquireLock(path, { onWait: () => stop.abort(), signal: stop.signal });
  await expect(waiting).rejects.toThrow("aborted");
  expect(existsSync(path)).toBe(true);
});

test("the wait is over when the holder has done what the lock was wanted for, though it still holds it", async () => {
  const first = await acquireLock(path);
  let done = false;
  const second = acquireLock(path, {
    onWait: () => {
      done = true;
    },
    isDone: async () => done,
  });
  expect(await second).toBeUndefined();
  expect(existsSync(path)).toBe(true);
  await first?.release();
});

test("a holder keeps its lock however long it takes", async () => {
  const first = await acquireLock(path, { staleAfterMs: 400 });
  const { mtimeMs: before } = await stat(path);
  let taken = false;
  const second = acquireLock(path, { staleAfterMs: 400 }).then((lock) => {
    taken = true;
    return lock;
  });
  const livedOn = async () => (await stat(path)).mtimeMs - before > 800 || undefined;
  await eventually(livedOn, { what: "signs of life for twice the time that a silent holder has" });
  expect(taken).toBe(false);
  await first?.release();
  await (await second)?.release();
});

test("a process is alive until it has ended", async () => {
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(await deadProcess())).toBe(false);
});
