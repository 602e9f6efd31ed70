import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { type Change, createObjectStore, isUndone, type ObjectStore } from "./store.ts";

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

describe("versions that went back, seen by a store that holds a@10 and b@20 and saw every change until 30", () => {
  test.each<{ what: string; listed: readonly KubeObject[]; behind: boolean }>([
    { what: "nothing changed", listed: [pod("a", "10"), pod("b", "20")], behind: false },
    { what: "a newer and a new object", listed: [pod("a", "31"), pod("b", "20"), pod("c", "32")], behind: false },
    { what: "an object is older", listed: [pod("a", "9"), pod("b", "20")], behind: true },
    { what: "one that was deleted is back", listed: [pod("a", "10"), pod("b", "20"), pod("c", "15")], behind: true },
    { what: "the one before it has its name", listed: [pod("a", "5", "former"), pod("b", "20")], behind: true },
    { what: "one was made again", listed: [pod("a", "40", "later"), pod("b", "20")], behind: false },
    { what: "versions have no order", listed: [pod("a", "x"), pod("b", "y"), pod("c", "z")], behind: false },
    { what: "there are no versions", listed: [{ ...pod("c", ""), metadata: { name: "c" } }], behind: false },
  ])("$what: $behind", ({ listed, behind }) => {
    const store = createObjectStore();
    store.replace([pod("a", "10"), pod("b", "20")]);
    expect(store.isBehind(listed, "30")).toBe(behind);
    expect(createObjectStore().isBehind(listed, undefined)).toBe(false);
  });

  test.each<{ what: string; act: (store: ObjectStore) => unknown; now: KubeObject | undefined; undone: boolean }>([
    { what: "it is as it was", act: () => [], now: pod("b", "20"), undone: false },
    { what: "it is newer", act: () => [], now: pod("b", "21"), undone: false },
    { what: "it is older", act: () => [], now: pod("b", "19"), undone: true },
    { what: "it is gone", act: () => [], now: undefined, undone: false },
    {
      what: "it was deleted, and is gone",
      act: (store) => store.remove(pod("b", "25")),
      now: undefined,
      undone: false,
    },
    {
      what: "it was deleted, and is back",
      act: (store) => store.remove(pod("b", "25")),
      now: pod("b", "20"),
      undone: true,
    },
    {
      what: "it lost its label, and has it again",
      act: (store) => store.remove(pod("b", "25")),
      now: pod("b", "26"),
      undone: false,
    },
    {
      what: "another one has its name",
      act: (store) => store.remove(pod("b", "25")),
      now: pod("b", "7", "other"),
      undone: false,
    },
  ])("what was seen last: $what: $undone", ({ act, now, undone }) => {
    const store = createObjectStore();
    store.replace([pod("a", "10"), pod("b", "20")]);
    act(store);
    expect(store.newest && isUndone(store.newest, now)).toBe(undone);
  });
});
