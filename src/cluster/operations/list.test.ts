import { expect, test } from "vitest";
import { Failure } from "../../model/failure.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import type { Connection } from "../http/connection.ts";
import { createMemoryBudget, unlimitedMemory } from "../http/memory-budget.ts";
import { foreignLimits, ResponseTooLarge } from "../http/response-limits.ts";
import { listAll } from "./list.ts";

const pods = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true, verbs: ["list"] };
const { signal } = new AbortController();

/** Gives these answers, one after the other, and keeps what was asked for. */
function scripted(answers: readonly (ApiResponse | "tooLarge")[], room = unlimitedMemory) {
  const paths: string[] = [];
  const never = () => Promise.reject(new Error("not part of this test"));
  const connection: Connection = {
    server: "https://cluster.example",
    limits: foreignLimits,
    memory: room,
    send: async ({ path }) => {
      const answer = answers[paths.length];
      paths.push(path);
      if (answer === "tooLarge") throw new ResponseTooLarge("https://cluster.example", foreignLimits.pageBytes);
      return answer ?? never();
    },
    open: never,
    impersonate: () => connection,
    onRecovery: () => () => undefined,
    counts: () => ({ ...none, list: paths.length }),
    close: never,
  };
  return { connection, paths };
}

const none = {
  get: 0,
  list: 0,
  watch: 0,
  apply: 0,
  dryRun: 0,
  patch: 0,
  create: 0,
  update: 0,
  delete: 0,
  logs: 0,
  discovery: 0,
};

function page(names: readonly string[], token?: string): ApiResponse {
  const items = names.map((name) => ({ metadata: { name } }));
  return { status: 200, body: { metadata: { resourceVersion: "7", continue: token }, items } };
}

const gone: ApiResponse = { status: 410, body: { kind: "Status", reason: "Expired", message: "too old" } };

test("pages follow each other", async () => {
  const { connection, paths } = scripted([page(["a", "b"], "next page"), page(["c"])]);
  const { items, resourceVersion } = await listAll(connection, pods, { namespace: "shop" }, signal);
  expect(items.map((item) => item.metadata.name)).toEqual(["a", "b", "c"]);
  expect(resourceVersion).toBe("7");
  expect(paths).toEqual([
    "/api/v1/namespaces/shop/pods?limit=500",
    "/api/v1/namespaces/shop/pods?limit=500&continue=next+page",
  ]);
});

test("when the moment of the pages is no longer kept, the list is read anew in one piece", async () => {
  const { connection, paths } = scripted([page(["a"], "next"), gone, page(["a", "b"])]);
  const { items } = await listAll(connection, pods, { labelSelector: "app=web" }, signal);
  expect(items.map((item) => item.metadata.name)).toEqual(["a", "b"]);
  expect(paths).toEqual([
    "/api/v1/pods?labelSelector=app%3Dweb&limit=500",
    "/api/v1/pods?labelSelector=app%3Dweb&limit=500&continue=next",
    "/api/v1/pods?labelSelector=app%3Dweb",
  ]);
});

test("a list that is gone from the start is a failure, not a loop", async () => {
  const { connection, paths } = scripted([gone]);
  await expect(listAll(connection, pods, {}, signal)).rejects.toMatchObject({ code: "ClusterUnreachable" });
  expect(paths).toHaveLength(1);
});

test("pages that are too large are asked for again in smaller ones, down to a single object", async () => {
  const { connection, paths } = scripted(["tooLarge", page(["a"], "next"), "tooLarge", page(["b"])]);
  const { items } = await listAll(connection, pods, {}, signal);
  expect(items.map((item) => item.metadata.name)).toEqual(["a", "b"]);
  expect(paths).toEqual([
    "/api/v1/pods?limit=500",
    "/api/v1/pods?limit=63",
    "/api/v1/pods?limit=63&continue=next",
    "/api/v1/pods?limit=8&continue=next",
  ]);
  const hopeless = scripted(["tooLarge", "tooLarge", "tooLarge", "tooLarge"]);
  await expect(listAll(hopeless.connection, pods, {}, signal)).rejects.toThrow("answers with more than 16 MiB");
});

test("a list without an end is given up", async () => {
  const endless: ApiResponse = { ...page(["a"], "next"), bytes: foreignLimits.pageBytes };
  const { connection, paths } = scripted(Array.from({ length: 100 }, () => endless));
  const thrown = await listAll(connection, pods, {}, signal).catch((each: unknown) => each);
  expect(thrown).toBeInstanceOf(Failure);
  expect(thrown).toMatchObject({ code: "ClusterUnreachable" });
  expect(paths.length * foreignLimits.pageBytes).toBeLessThanOrEqual(2 * foreignLimits.listBytes);
});

test("a list takes no more than the room of its server, and gives it back", async () => {
  const room = createMemoryBudget(2 ** 20, "the server");
  const endless = page(
    Array.from({ length: 100 }, (_, index) => `pod-${index}`),
    "next",
  );
  const { connection, paths } = scripted(Array<ApiResponse>(100).fill(endless), room);
  await expect(listAll(connection, pods, {}, signal)).rejects.toMatchObject({ code: "ClusterBusy" });
  expect(paths.length).toBeLessThan(10);
  room.reserve(2 ** 20);
});
