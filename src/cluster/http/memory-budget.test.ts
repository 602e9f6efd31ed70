import { expect, test } from "vitest";
import { createObjectStore } from "../watch/store.ts";
import { createMemoryBudget, estimatedBytes, Reservation } from "./memory-budget.ts";

const mib = 2 ** 20;

test("a room within a shared one is full when either is, and has room again when something was given back", () => {
  const shared = createMemoryBudget(3 * mib, "all");
  const [one, other] = [createMemoryBudget(2 * mib, "one", shared), createMemoryBudget(2 * mib, "other", shared)];
  one.reserve(2 * mib);
  expect(() => one.reserve(1)).toThrow("one would take more than 2 MiB");
  expect(() => other.reserve(2 * mib)).toThrow("all would take more than 3 MiB");
  other.reserve(mib);
  one.release(2 * mib);
  other.reserve(mib);
  expect(() => other.reserve(1)).toThrow(expect.objectContaining({ code: "ClusterBusy" }));
});

test("a reservation is given back whole", () => {
  const room = createMemoryBudget(10, "it");
  {
    using reservation = new Reservation(room);
    reservation.add(4);
    reservation.resize(9);
    expect(() => reservation.add(2)).toThrow();
    reservation.resize(10);
  }
  room.reserve(10);
});

const object = (name: string, of: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop", resourceVersion: "1" },
  ...of,
});

test("an object weighs what it holds, however that is put", () => {
  const empty = estimatedBytes(object("a"));
  expect(empty).toBeGreaterThan(1_000);
  for (const x of [Array(10_000).fill(0), Array.from({ length: 10_000 }, () => ({})), "x".repeat(1_000_000)]) {
    expect(estimatedBytes(object("a", { x }))).toBeGreaterThan(600_000);
  }
});

test("a store takes no more than its room, and gives it back", () => {
  const room = createMemoryBudget(mib, "the server");
  const [store, other] = [createObjectStore(room), createObjectStore(room)];
  const large = (name: string) => object(name, { x: "x".repeat(400_000) });
  store.put(large("a"));
  store.put(large("a"));
  store.put(large("b"));
  expect(() => store.put(large("c"))).toThrow("the server would take more than 1 MiB");
  expect(() => other.replace([large("c")])).toThrow(expect.objectContaining({ code: "ClusterBusy" }));
  expect(store.all()).toHaveLength(2);
  store.remove(large("a"));
  other.replace([large("c")]);
  expect(() => store.replace([large("d"), large("e")])).toThrow(expect.objectContaining({ code: "ClusterBusy" }));
  expect(store.all().map(({ metadata }) => metadata.name)).toEqual(["b"]);
  store.leave();
  other.replace([large("d"), large("e")]);
  expect(store.get("shop", "b")).toBeDefined();
});
