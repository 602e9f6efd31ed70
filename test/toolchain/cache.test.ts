import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/wait.ts";
import { type CacheEntry, cacheDirectory, ensureBuilt, isComplete } from "./cache.ts";

let root: string;
let dir: string;
let builds: number;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "mooring-cache-test-"));
  dir = join(root, "tools-1");
  builds = 0;
});

afterEach(() => rm(root, { recursive: true }));

/** Two programs, written one after the other. */
function entry(change: Partial<CacheEntry> = {}): CacheEntry {
  const build = async (into: string): Promise<void> => {
    builds += 1;
    await writeFile(join(into, "first"), "1");
    await new Promise((resolve) => setImmediate(resolve));
    await writeFile(join(into, "second"), "2");
  };
  return { dir, files: ["first", "second"], build, ...change };
}

test("what is built once is there for good, and nothing else is", async () => {
  expect(await isComplete(entry())).toBe(false);
  await ensureBuilt(entry());
  await ensureBuilt(entry());
  expect(builds).toBe(1);
  expect(await readFile(join(dir, "second"), "utf8")).toBe("2");
  expect(await readdir(root)).toEqual(["tools-1"]);
});

test("two at once build once", async () => {
  await Promise.all([ensureBuilt(entry()), ensureBuilt(entry()), ensureBuilt(entry())]);
  expect(builds).toBe(1);
});

test("a build that fails leaves nothing, and the next one is made", async () => {
  const build = async (into: string): Promise<void> => {
    await writeFile(join(into, "first"), "1");
    throw new Error("no space left");
  };
  await expect(ensureBuilt(entry({ build }))).rejects.toThrow("no space left");
  expect(await readdir(root)).toEqual([]);
  await ensureBuilt(entry());
  expect(await isComplete(entry())).toBe(true);
});

test("a build that ends without all of its files has failed", async () => {
  const build = (into: string): Promise<void> => writeFile(join(into, "first"), "1");
  await expect(ensureBuilt(entry({ build }))).rejects.toThrow("ENOENT");
  expect(existsSync(dir)).toBe(false);
});

test("a file that was lost since is built again", async () => {
  await ensureBuilt(entry());
  await rm(join(dir, "second"));
  expect(await isComplete(entry())).toBe(false);
  await ensureBuilt(entry());
  expect(builds).toBe(2);
  expect(await isComplete(entry())).toBe(true);
});

test("an interrupted build ends, and leaves nothing", async () => {
  const stop = new AbortController();
  const build = async (into: string, signal?: AbortSignal): Promise<void> => {
    await writeFile(join(into, "first"), "1");
    stop.abort();
    signal?.throwIfAborted();
  };
  await expect(ensureBuilt(entry({ build }), stop.signal)).rejects.toThrow("aborted");
  expect(await readdir(root)).toEqual([]);
});

test("a build whose process was killed is never taken for a complete one, and its remains go", async () => {
  const program = `
    import { writeFile } from "node:fs/promises";
    import { join } from "node:path";
    import { ensureBuilt } from ${JSON.stringify(join(import.meta.dirname, "cache.ts"))};
    const build = async (into) => {
      await writeFile(join(into, "first"), "1");
      await new Promise(() => setInterval(() => {}, 1_000));
    };
    await ensureBuilt({ dir: ${JSON.stringify(dir)}, files: ["first", "second"], build });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "ignore" });
  const half = join(`${dir}.building-${child.pid}`, "first");
  await eventually(() => existsSync(half), { what: "half a build" });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await isComplete(entry())).toBe(false);
  expect(existsSync(half)).toBe(true);
  await ensureBuilt(entry());
  expect(builds).toBe(1);
  expect(await readdir(root)).toEqual(["tools-1"]);
});

test.each([
  [{}, join(homedir(), ".cache", "mooring")],
  [{ XDG_CACHE_HOME: "" }, join(homedir(), ".cache", "mooring")],
  [{ XDG_CACHE_HOME: "/var/cache/me" }, "/var/cache/me/mooring"],
])("with %o the cache is %s", (env, path) => {
  expect(cacheDirectory(env)).toBe(path);
});
