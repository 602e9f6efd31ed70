/** Before a watch shows our own write, or a later one, it says nothing about the object. */
import { describe, expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { never, settings } from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import { OwnWrites } from "./own-writes.ts";

const { id } = manifestOf(settings("web"));
const key = formatId(id);
const at = (resourceVersion: string): KubeObject => settings("web", { resourceVersion });
const ref = { id, apiVersion: "v1" };

/** Own writes at a version, where the watch shows one version and the API server answers with another one. */
function writesWith(
  written: string | undefined,
  shown: string | undefined,
  read: () => Promise<KubeObject | undefined>,
) {
  const heard: (string | Failure)[] = [];
  let reads = 0;
  const state = { shown };
  const writes = new OwnWrites(
    {
      view: { get: () => (state.shown === undefined ? undefined : at(state.shown)) },
      cluster: {
        get: () => {
          reads += 1;
          return read();
        },
      },
    },
    new Map(written === undefined ? [] : [[key, written]]),
    { seen: (each) => heard.push(each), failed: (failure) => heard.push(failure) },
  );
  return { writes, heard, state, reads: () => reads };
}

const nothing = async () => undefined;

test.each<readonly [written: string | undefined, shown: string | undefined, isUnseen: boolean]>([
  [undefined, undefined, false],
  [undefined, "7", false],
  ["7", undefined, true],
  ["7", "6", true],
  ["7", "7", false],
  ["7", "8", false],
  ["99", "100", false],
  ["100", "99", true],
  // An aggregated API may call its versions what it likes: equal ones are the same.
  ["abc", "abc", false],
  ["abc", "abd", true],
])("written at %s, shown at %s: unseen %s", (written, shown, isUnseen) => {
  const { writes } = writesWith(written, shown, nothing);
  expect(writes.isUnseen(id)).toBe(isUnseen);
  expect(writes.has(id)).toBe(written !== undefined);
});

test("a write that is noted later counts from then on", () => {
  const { writes } = writesWith(undefined, "7", nothing);
  writes.note(key, "8");
  expect([writes.has(id), writes.isUnseen(id)]).toEqual([true, true]);
});

describe("an object whose versions have no order is read", () => {
  test("and seen where the watch shows it as the API server has it", async () => {
    const { writes, heard, reads } = writesWith("abc", "xyz", async () => at("xyz"));
    writes.confirmUnseen([ref], never);
    await expect.poll(() => heard).toEqual([key]);
    expect(writes.isUnseen(id)).toBe(false);
    writes.confirmUnseen([ref], never);
    expect(reads()).toBe(1);
  });

  test.each<readonly [what: string, read: () => Promise<KubeObject | undefined>]>([
    ["where the API server has another version", async () => at("later")],
    ["where it is gone", nothing],
    [
      "where the API server does not answer",
      () => Promise.reject(new Failure("ClusterUnreachable", { message: "no" })),
    ],
  ])("and not seen %s", async (_what, read) => {
    const { writes, heard, reads } = writesWith("abc", "xyz", read);
    writes.confirmUnseen([ref], never);
    await expect.poll(reads).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect([writes.isUnseen(id), heard]).toEqual([true, []]);
  });

  test("and a bug in that is told", async () => {
    const { writes, heard } = writesWith("abc", "xyz", () => Promise.reject(new TypeError("a bug")));
    writes.confirmUnseen([ref], never);
    await expect.poll(() => heard).toMatchObject([{ code: "Bug" }]);
  });

  test("and not told after the end of the wait", async () => {
    const ended = new AbortController();
    const answer = Promise.withResolvers<KubeObject>();
    const { writes, heard } = writesWith("abc", "xyz", () => answer.promise);
    writes.confirmUnseen([ref], ended.signal);
    ended.abort();
    answer.resolve(at("xyz"));
    await new Promise((resolve) => setImmediate(resolve));
    expect([heard, writes.isUnseen(id)]).toEqual([[], true]);
  });

  test.each<readonly [what: string, written: string | undefined, shown: string | undefined]>([
    ["ours have an order", "7", "6"],
    ["the watch shows nothing", "abc", undefined],
    ["we wrote nothing", undefined, "xyz"],
  ])("but not where %s", (_what, written, shown) => {
    const { writes, reads } = writesWith(written, shown, nothing);
    writes.confirmUnseen([ref], never);
    expect(reads()).toBe(0);
  });
});
