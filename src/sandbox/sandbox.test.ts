import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeWorkers } from "../../test/support/fake-workers.ts";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { createSandbox, withoutFiles } from "./sandbox.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const limits = {
  quick: { heapMiB: 1, memoryMiB: 1, cpuMs: 400, deadlineMs: 400, nice: 0, workers: 4 },
  slow: { heapMiB: 2, memoryMiB: 2, cpuMs: 2_000, deadlineMs: 2_000, nice: 0, workers: 2 },
  long: { heapMiB: 9, memoryMiB: 9, cpuMs: 60_000, deadlineMs: 60_000, nice: 0, workers: 1 },
};
const minute = 60_000;

/** A sandbox whose tasks take so long, and in which lane each of them was begun. */
function sandboxOf(takesMs: Readonly<Record<string, number>>) {
  const { start, begun } = fakeWorkers(takesMs);
  const sandbox = createSandbox(limits, start);
  /** What came of a task: `done`, or what was said. */
  const run = async (what: string, { tree = withoutFiles, name = "a" } = {}): Promise<string> => {
    const running = sandbox.run({ namespace: name, name }, { kind: "isResources", content: Buffer.from(what) }, tree);
    const [came] = await Promise.all([
      running.then(
        () => "done",
        (thrown: unknown) => (thrown instanceof Failure ? thrown.message : "bug"),
      ),
      vi.advanceTimersByTimeAsync(1.25 * minute),
    ]);
    return came;
  };
  const lanes = () => begun.splice(0).map(({ heapMiB }) => ({ 1: "quick", 2: "slow", 9: "long" })[heapMiB]);
  return { run, lanes };
}

describe("what a tenant supplies", () => {
  test("is tried in the long lane at once only where it needed that, and as a quick one again after ten minutes", async () => {
    const { run, lanes } = sandboxOf({ large: 5_000, small: 10 });
    expect([await run("small"), lanes()]).toEqual(["done", ["quick"]]);
    expect([await run("large"), lanes()]).toEqual(["done", ["quick", "slow", "long"]]);
    expect([await run("large"), lanes()]).toEqual(["done", ["long"]]);
    expect([await run("small"), lanes()]).toEqual(["done", ["long"]]);
    await vi.advanceTimersByTimeAsync(11 * minute);
    expect([await run("small"), lanes()]).toEqual(["done", ["quick"]]);
    expect([await run("large", { name: "b" }), lanes()]).toEqual(["done", ["quick", "slow", "long"]]);
  });

  test("gives way to the quick ones where it was slow, as long as it is, and is tried as one of them after ten minutes", async () => {
    const { run, lanes } = sandboxOf({ slow: 500, "wrong and slow": 500, small: 10, large: 5_000 });
    expect([await run("slow"), lanes()]).toEqual(["done", ["quick", "slow"]]);
    expect([await run("slow"), lanes()]).toEqual(["done", ["slow"]]);
    expect([await run("small"), lanes()]).toEqual(["done", ["slow"]]);
    expect([await run("slow", { name: "b" }), lanes()]).toEqual(["done", ["quick", "slow"]]);
    await vi.advanceTimersByTimeAsync(11 * minute);
    expect([await run("wrong and slow"), lanes()]).toEqual(["is wrong", ["quick", "slow"]]);
    expect([await run("small"), lanes()]).toEqual(["done", ["slow"]]);
    expect([await run("large"), lanes()]).toEqual(["done", ["slow", "long"]]);
    expect([await run("small"), lanes()]).toEqual(["done", ["long"]]);
  });

  test("gains nothing by moving on before the end", async () => {
    const { start, begun } = fakeWorkers(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`slow ${n}`, 500])));
    const sandbox = createSandbox(limits, start);
    for (let n = 0; n < 20; n++) {
      const moved = new AbortController();
      const task = { kind: "isResources", content: Buffer.from(`slow ${n}`) } as const;
      const run = sandbox.run({ namespace: "a", name: "a" }, task, withoutFiles, moved.signal).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(360);
      moved.abort();
      await run;
    }
    expect(begun.filter(({ heapMiB }) => heapMiB === 1).length).toBeLessThan(4);
    sandbox.close();
  });

  test("is refused at once where the very same took too much, whoever holds it in his hands, for ten minutes", async () => {
    const tree = (id: string): FileTree => ({ ...withoutFiles, id });
    const { run, lanes } = sandboxOf({ bomb: 1e9 });
    const told = await run("bomb", { tree: tree("1") });
    expect(told).toContain("takes longer than 60 s");
    expect(lanes()).toEqual(["quick", "slow", "long"]);
    expect([await run("bomb", { tree: tree("1") }), lanes()]).toEqual([told, []]);
    expect([await run("bomb", { tree: tree("1"), name: "b" }), lanes()]).toEqual([told, ["quick", "slow", "long"]]);
    await vi.advanceTimersByTimeAsync(11 * minute);
    expect([await run("bomb", { tree: tree("1") }), lanes()]).toEqual([told, ["quick", "slow", "long"]]);
  });

  test("gets no more than a slow task does after three bombs, however they differ, until the first is forgotten", async () => {
    const { run, lanes } = sandboxOf({ a: 1e9, b: 1e9, c: 1e9, d: 1e9, large: 5_000, small: 10 });
    for (const what of ["a", "b", "c"]) expect(await run(what)).toContain("takes longer than 60 s");
    lanes();
    for (const what of ["d", "large"]) expect(await run(what)).toMatch(/takes longer than 2 s .*: 3 other versions/);
    expect(lanes()).toEqual(["long", "long"]);
    expect(await run("d")).toContain("3 other versions");
    expect(lanes()).toEqual([]);
    expect(await run("small")).toBe("done");
    expect(await run("large", { name: "b" })).toBe("done");
    lanes();
    await vi.advanceTimersByTimeAsync(2 * minute);
    expect([await run("large"), lanes()]).toEqual(["done", ["long"]]);
  });

  test("is told again what is wrong with it without being worked with, for ten minutes", async () => {
    const { run, lanes } = sandboxOf({ "wrong and large": 5_000 });
    expect([await run("wrong and large"), lanes()]).toEqual(["is wrong", ["quick", "slow", "long"]]);
    expect([await run("wrong and large"), lanes()]).toEqual(["is wrong", []]);
    expect([await run("wrong too"), lanes()]).toEqual(["is wrong", ["long"]]);
    await vi.advanceTimersByTimeAsync(11 * minute);
    expect([await run("wrong too"), lanes()]).toEqual(["is wrong", ["quick"]]);
  });
});
