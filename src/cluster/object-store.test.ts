import { describe, expect, test } from "vitest";
import type { KubeObject } from "../model/manifest.ts";
import { type Change, createObjectStore, type ObjectStore } from "./object-store.ts";

function pod(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", uid, resourceVersion } };
}

const told = (changes: readonly Change[]) =>
  changes.map(({ type, object }) => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`);

describe("a store that holds a@1 and b@2", () => {
  test.each<{ what: string; act: (store: ObjectStore) => readonly Change[]; changes: readonly string[] }>([
    { what: "a new object is added", act: (store) => store.put(pod("c", "3")), changes: ["added c@3"] },
    { what: "a newer version is a change", act: (store) => store.put(pod("a", "3")), changes: ["modified a@3"] },
    { what: "the same version is none", act: (store) => store.put(pod("a", "1")), changes: [] },
    {
      what: "another object of the same name is a deletion and an addition",
      act: (store) => store.put(pod("a", "3", "other")),
      changes: ["deleted a@1", "added a@3"],
    },
    { what: "a deletion tells the last state", act: (store) => store.remove(pod("a", "3")), changes: ["deleted a@3"] },
    { what: "a deletion of what is not there is none", act: (store) => store.remove(pod("x", "3")), changes: [] },
    {
      what: "a list tells what it lacks, has changed and has anew",
      act: (store) => store.replace([pod("b", "3"), pod("c", "4")]),
      changes: ["deleted a@1", "modified b@3", "added c@4"],
    },
    { what: "the same list again tells nothing", act: (store) => store.replace(store.all()), changes: [] },
    { what: "an empty list empties it", act: (store) => store.replace([]), changes: ["deleted a@1", "deleted b@2"] },
  ])("$what", ({ act, changes }) => {
    const store = createObjectStore();
    store.replace([pod("a", "1"), pod("b", "2")]);
    expect(told(act(store))).toEqual(changes);
  });

  test("a change holds what was there before", () => {
    const store = createObjectStore();
    store.put(pod("a", "1"));
    expect(store.put(pod("a", "2"))).toEqual([{ type: "modified", object: pod("a", "2"), previous: pod("a", "1") }]);
    expect(store.get("shop", "a")).toEqual(pod("a", "2"));
  });
});
