import { describe, expect, test } from "vitest";
import { untilAborted } from "../../model/async/until-aborted.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ResourceType, WatchEvent } from "../cluster.ts";
import { createMemoryBudget } from "../http/memory-budget.ts";
import { createWatchCache } from "./cache.ts";

const resource: ResourceType = {
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
  verbs: ["list", "watch"],
};
const pace = {
  serverTimeoutSeconds: 300,
  silenceMs: 60_000,
  stableMs: 10_000,
  shortestPauseMs: 1,
  longestPauseMs: 5,
  renewAfterMs: 0,
};

function object(name: string, resourceVersion: string | undefined, uid = `uid-${name}`): KubeObject {
  const metadata = { name, namespace: "shop", uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return { apiVersion: "v1", kind: "ConfigMap", metadata };
}

interface Listed {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** An API server that tells what it is given: lists, and the events of one watch after the other; the last one stays open. */
function telling(lists: readonly Listed[], watches: readonly (readonly WatchEvent[])[]) {
  const asked: string[] = [];
  const settled = Promise.withResolvers<void>();
  const [leftLists, leftWatches] = [[...lists], [...watches]];
  let now: Listed = { items: [], resourceVersion: "" };
  const cluster: Partial<Cluster> = {
    async list(_, { fieldSelector }) {
      if (fieldSelector !== undefined) {
        return {
          ...now,
          items: now.items.filter(({ metadata }) => fieldSelector === `metadata.name=${metadata.name}`),
        };
      }
      asked.push("list");
      now = leftLists.shift() ?? now;
      return now;
    },
    latestVersion: async () => now.resourceVersion,
    async *watch(_, options, ends) {
      asked.push(`watch from ${JSON.stringify(options.resourceVersion)}`);
      const events = leftWatches.shift() ?? [];
      yield { type: "OPENED" };
      yield* events;
      if (leftWatches.length > 0) return;
      settled.resolve();
      await untilAborted(new Promise<void>(() => undefined), ends);
    },
    onRecovery: () => () => undefined,
  };
  return { cluster: cluster as Cluster, asked, settled: settled.promise };
}

/** Follows it until the last watch is open, and answers with what was asked, and what is seen. */
async function followed(...server: Parameters<typeof telling>) {
  const { cluster, asked, settled } = telling(...server);
  const cache = createWatchCache(cluster, { resource, metadataOnly: true }, pace);
  await settled;
  const failure = cache.failure();
  await cache.close();
  return { asked, failure, names: cache.all().map(({ metadata }) => metadata.name) };
}

// "" and "0" ask for whatever there is, so that what was deleted meanwhile is never told ("Resource versions" in the API concepts).
describe.each(["", "0"])("a version that is none (%j)", (none) => {
  test("in a bookmark moves nothing: the next watch goes on from the version before", async () => {
    const bookmark: WatchEvent = { type: "BOOKMARK", resourceVersion: none };
    const { asked, failure } = await followed([{ items: [object("a", "5")], resourceVersion: "7" }], [[bookmark], []]);
    expect(asked).toEqual(["list", 'watch from "7"', 'watch from "7"']);
    expect(failure).toBeUndefined();
  });

  test.each(["ADDED", "MODIFIED", "DELETED"] as const)(
    "of an object that is %s makes a list the next thing",
    async (type) => {
      const { asked, names } = await followed(
        [
          { items: [object("a", "5")], resourceVersion: "7" },
          { items: [object("b", "8")], resourceVersion: "9" },
        ],
        [[{ type, object: object("a", none) }], []],
      );
      expect(asked).toEqual(["list", 'watch from "7"', "list", 'watch from "9"']);
      expect(names).toEqual(["b"]);
    },
  );

  test("of a list is no version to go on from: each watch is followed by a list", async () => {
    const { asked, names } = await followed(
      [
        { items: [object("a", "5")], resourceVersion: none },
        { items: [], resourceVersion: "9" },
      ],
      [[], []],
    );
    expect(asked).toEqual(["list", 'watch from ""', "list", 'watch from "9"']);
    expect(names).toEqual([]);
  });
});

test("an object without any version makes a list the next thing", async () => {
  const { asked } = await followed(
    [{ items: [], resourceVersion: "7" }],
    [[{ type: "DELETED", object: object("a", undefined) }], []],
  );
  expect(asked).toEqual(["list", 'watch from "7"', "list", 'watch from "7"']);
});

test("a deletion that is older than what was seen is a version that goes back: a list tells what there is", async () => {
  const { asked, names } = await followed(
    [
      { items: [object("a", "5"), object("b", "6")], resourceVersion: "7" },
      { items: [object("b", "6")], resourceVersion: "7" },
    ],
    [[{ type: "DELETED", object: object("a", "6") }], []],
  );
  expect(asked).toEqual(["list", 'watch from "7"', "list", 'watch from "7"']);
  expect(names).toEqual(["b"]);
});

test("a version that is any text is one to go on from", async () => {
  const bookmark: WatchEvent = { type: "BOOKMARK", resourceVersion: "abc-2" };
  const { asked } = await followed([{ items: [], resourceVersion: "abc-1" }], [[bookmark], []]);
  expect(asked.slice(0, 3)).toEqual(["list", 'watch from "abc-1"', 'watch from "abc-2"']);
});

test("what there is no room for was not seen: the next watch goes on from before", async () => {
  const large = { ...object("a", "8"), data: { text: "x".repeat(200_000) } };
  const told = telling([{ items: [], resourceVersion: "7" }], [[{ type: "ADDED", object: large }], []]);
  const cluster: Cluster = { ...told.cluster, memory: createMemoryBudget(100_000, "the server") };
  const cache = createWatchCache(cluster, { resource, metadataOnly: false }, pace);
  await told.settled;
  await cache.close();
  expect(told.asked.filter((each) => each !== "moment")).toEqual(["list", 'watch from "7"', 'watch from "7"']);
  expect(cache.all()).toEqual([]);
});
