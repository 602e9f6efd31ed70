import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type FakeStart, fakeWorkers } from "../../../test/support/fake-workers.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { TaskOutcome } from "../worker/process.ts";
import type { Owner } from "./fair-queue.ts";
import { Lane } from "./lane.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const tree: FileTree = { entry: async () => undefined, read: async () => new Uint8Array(), list: async () => [] };
const owner = (name: string): Owner => ({ namespace: name, name });

const limits = { heapMiB: 1, memoryMiB: 1, cpuMs: 60_000, deadlineMs: 60_000, nice: 0, overruns: () => 0 };
const job = (name: string) => ({
  owner: owner(name),
  task: { kind: "isResources", content: Buffer.from(name) } as const,
  tree,
});

/** A lane whose workers need as long for a task as is said of its owner, and whose tasks were begun, in order. */
function laneOf(takesMs: Readonly<Record<string, number>>, { most = 1, overrunning = [""] } = {}) {
  const { start, begun } = fakeWorkers(takesMs);
  const overruns = ({ name }: Owner) => (overrunning.includes(name) ? 1 : 0);
  const lane = new Lane({ ...limits, keep: 0, most, overruns, start });
  const run = (name: string, signal?: AbortSignal) => lane.run(job(name), signal);
  return { lane, run, begun: () => begun.map(({ what }) => what) };
}

test("who took too much makes way for others, but not for ever: it is done, or told that it takes too long", async () => {
  const { lane, run, begun } = laneOf({ bomb: 1e9, honest: 3_000 }, { overrunning: ["bomb"] });
  let told: TaskOutcome | undefined;
  void run("bomb").then((ended) => {
    told = ended;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  // One that comes again and again, and leaves the lane to others in between.
  for (let round = 0; round < 100 && told === undefined; round++) {
    void run("honest");
    await vi.advanceTimersByTimeAsync(5_000);
  }
  expect(told).toEqual({ type: "exceeded", what: "time" });
  expect(begun().slice(0, 2)).toEqual(["bomb", "honest"]);
  lane.close();
});

test("it is done as well where others never leave the lane to it", async () => {
  const { lane, run } = laneOf({ late: 10, honest: 2_000, other: 2_000 }, { overrunning: ["late"] });
  const done: string[] = [];
  for (let round = 0; round < 50; round++)
    for (const name of ["honest", "other"]) void run(name).then(() => done.push(name));
  void run("late").then(() => done.push("late"));
  await vi.advanceTimersByTimeAsync(45_000);
  expect(done).toContain("late");
  expect(done.indexOf("late")).toBeGreaterThan(5);
  expect(done.length).toBeLessThan(50);
  lane.close();
});

test("for one who waits one makes way", async () => {
  const bombs = ["a", "b", "c"];
  const { lane, run, begun } = laneOf({ a: 1e9, b: 1e9, c: 1e9, honest: 5 }, { most: 3, overrunning: bombs });
  for (const each of bombs) void run(each);
  await vi.advanceTimersByTimeAsync(2_000);
  const before = begun().length;
  expect(before).toBe(3);
  await Promise.all([run("honest"), vi.advanceTimersByTimeAsync(1_000)]);
  await vi.advanceTimersByTimeAsync(1_000);
  // The one that made way began again.
  expect(begun().slice(before).toSorted()).toEqual([begun()[before + 1] ?? "", "honest"].toSorted());
  expect(begun()).toHaveLength(5);
  lane.close();
});

test("what nobody waits for any more is ended, and not begun again", async () => {
  const { lane, run, begun } = laneOf({ bomb: 1e9, honest: 5 }, { overrunning: ["bomb"] });
  const ending = new AbortController();
  const bomb = run("bomb", ending.signal);
  await vi.advanceTimersByTimeAsync(1_000);
  const honest = run("honest");
  ending.abort();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([(await bomb).type, (await honest).type]).toEqual(["stopped", "done"]);
  expect(begun()).toEqual(["bomb", "honest"]);
  lane.close();
});

test("while all are at work one more is ready, which ends when nobody needs it", async () => {
  const { start, begun, alive } = fakeWorkers({ slow: 1_000, quick: 5 });
  const lane = new Lane({ ...limits, keep: 1, most: 3, start });
  const run = (name: string) => lane.run(job(name));
  const slow = run("slow");
  await vi.advanceTimersByTimeAsync(50);
  const quick = run("quick");
  await vi.advanceTimersByTimeAsync(50);
  expect((await quick).type).toBe("done");
  expect(begun.map(({ worker }) => worker)).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect((await slow).type).toBe("done");
  await vi.advanceTimersByTimeAsync(31_000);
  expect(alive()).toBe(1);
  const alone = run("slow");
  await vi.advanceTimersByTimeAsync(1_100);
  expect((await alone).type).toBe("done");
  expect(alive()).toBe(2);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(alive()).toBe(1);
  lane.close();
  expect(alive()).toBe(0);
});

test.each([
  ["tells all the same how much it takes where that is soon known", true, 400, ["done"]],
  ["and is still not done after two seconds counts as too much there", true, 1e9, ["exceeded"]],
  ["tells nothing where it would take long", false, 10_000, []],
])("what is given up %s", async (_, finishesCancelled, takesMs, heard) => {
  const { start, alive } = fakeWorkers({ task: takesMs });
  const ends: string[] = [];
  const ended = (__: unknown, { type }: TaskOutcome) => ends.push(type);
  const lane = new Lane({ ...limits, keep: 0, most: 1, start, finishesCancelled, ended });
  const ending = new AbortController();
  const run = lane.run(job("task"), ending.signal);
  await vi.advanceTimersByTimeAsync(300);
  ending.abort();
  expect((await run).type).toBe("stopped");
  await vi.advanceTimersByTimeAsync(3_000);
  expect(ends).toEqual(heard);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive()).toBe(0);
  lane.close();
});

describe("a worker that starts", () => {
  test("keeps nobody waiting who could be done by one that is free before it", async () => {
    const { start, begun } = fakeWorkers({ slow: 500, quick: 5 }, { starts: [1, 30_000] });
    const lane = new Lane({ ...limits, keep: 1, most: 2, start });
    const slow = lane.run(job("slow"));
    await vi.advanceTimersByTimeAsync(100);
    const quick = lane.run(job("quick"));
    await vi.advanceTimersByTimeAsync(500);
    expect([(await slow).type, (await quick).type]).toEqual(["done", "done"]);
    expect(begun).toMatchObject([
      { what: "slow", worker: 1 },
      { what: "quick", worker: 1 },
    ]);
    lane.close();
  });

  test.each<[string, FakeStart, string]>([
    ["ends instead", "fails", "could not be started: it ended with 1"],
    ["cannot be made", "throws", "spawn ENOMEM"],
    ["never comes to it", 1e9, "could not be started: it was not ready within 60 s"],
  ])("and %s is told to whoever needs it; the next one is tried anew", async (_, how, told) => {
    const { start, alive } = fakeWorkers({}, { starts: [how] });
    const lane = new Lane({ ...limits, keep: 1, most: 1, start });
    const first = lane.run(job("first")).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await first).toMatchObject({ code: "Bug", message: expect.stringContaining(told) });
    const second = lane.run(job("second"));
    await vi.advanceTimersByTimeAsync(10);
    expect((await second).type).toBe("done");
    lane.close();
    expect(alive()).toBe(0);
  });

  test("is not started in a circle where a task that took too much is still ending and the system makes no other", async () => {
    const starts: FakeStart[] = [1, ...Array.from({ length: 1_000 }, () => "throws" as const)];
    const { start, started } = fakeWorkers({ endless: 1e9 }, { starts, endsAfterMs: 500 });
    const lane = new Lane({ ...limits, deadlineMs: 1_000, keep: 1, most: 1, start });
    const endless = lane.run(job("endless"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await endless).type).toBe("exceeded");
    expect(started()).toBeLessThan(20);
    lane.close();
  });

  test("and ends before it does anything is replaced, but not for ever", async () => {
    const { start, started } = fakeWorkers({}, { starts: Array.from({ length: 1_000 }, () => "ends" as const) });
    const lane = new Lane({ ...limits, keep: 1, most: 1, start });
    const told = lane.run(job("any")).catch((thrown: unknown) => thrown);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await told).toMatchObject({ code: "Bug", message: expect.stringContaining("before they were ready") });
    expect(started()).toBeLessThan(6);
    lane.close();
  });

  test("and does not come to it matters to nobody where another one works", async () => {
    const starts: FakeStart[] = [1, ...Array.from({ length: 1_000 }, () => "fails" as const)];
    const { start, begun, started } = fakeWorkers({ slow: 1_000, quick: 5 }, { starts });
    const lane = new Lane({ ...limits, keep: 1, most: 2, start });
    const slow = lane.run(job("slow"));
    await vi.advanceTimersByTimeAsync(100);
    const quick = lane.run(job("quick"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([(await slow).type, (await quick).type]).toEqual(["done", "done"]);
    expect(begun.map(({ what }) => what)).toEqual(["slow", "quick"]);
    expect(started()).toBeGreaterThan(2);
    expect(started()).toBeLessThan(20);
    lane.close();
  });
});

test.runIf(process.platform === "linux").each([
  ["much memory gets no further task, so that this does not end the next one", 1, [1, 2]],
  ["little does the next task as well", 100_000, [1, 1]],
])("a worker in which a task left %s", async (_, memoryMiB, workers) => {
  vi.useRealTimers();
  const left = Buffer.alloc(128 * 2 ** 20, 1);
  const { start, begun } = fakeWorkers({}, { pid: process.pid });
  const lane = new Lane({ ...limits, memoryMiB, keep: 1, most: 1, start });
  for (const name of ["first", "second"]) expect((await lane.run(job(name))).type).toBe("done");
  expect(begun.map(({ worker }) => worker)).toEqual(workers);
  expect(left.at(-1)).toBe(1);
  lane.close();
});
