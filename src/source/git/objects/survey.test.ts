import { describe, expect, test } from "vitest";
import { nameOf, treeData } from "../../../../test/source/objects/pack-builder.ts";
import { defaultLimits } from "./limits.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Surveyed, surveyTree } from "./survey.ts";

const oid = nameOf("blob", Buffer.from("a"));

/** Folders and one file, which count how often they are read. */
class Folders {
  readonly #trees = new Map<string, Buffer>();
  reads = 0;

  /** Adds a folder and gives its name. */
  add(...lines: readonly (readonly [mode: string, name: string, oid: string])[]): string {
    const data = treeData(lines);
    const name = nameOf("tree", data);
    this.#trees.set(name, data);
    return name;
  }

  get store(): ObjectStore {
    return {
      typeOf: (name) => (this.#trees.has(name) ? "tree" : name === oid ? "blob" : undefined),
      read: async (name) => {
        this.reads += 1;
        const data = this.#trees.get(name);
        if (data === undefined) throw new Error(`tree ${name} is missing`);
        return data;
      },
    };
  }
}

const survey = async (root: string, folders: Folders, limits = defaultLimits): Promise<Surveyed> => {
  const surveyed: Surveyed = new Map();
  await surveyTree(root, folders.store, limits, surveyed);
  return surveyed;
};

describe("the files of a revision are counted", () => {
  test("as a checkout would make them, links and submodules among them", async () => {
    const folders = new Folders();
    const inner = folders.add(["100644", "a", oid], ["120000", "b", oid]);
    const root = folders.add(["40000", "d", inner], ["40000", "e", inner], ["160000", "s", "1".repeat(40)]);
    const surveyed = await survey(root, folders);
    expect(surveyed.get(inner)).toBe(2);
    expect(surveyed.get(root)).toBe(5);
  });

  test("none in an empty one", async () => {
    const folders = new Folders();
    const root = folders.add();
    expect((await survey(root, folders)).get(root)).toBe(0);
  });

  test("each folder once, however often it is there, and not again with the next revision", async () => {
    const folders = new Folders();
    const inner = folders.add(["100644", "a", oid]);
    const root = folders.add(["40000", "d", inner], ["40000", "e", inner]);
    const surveyed = await survey(root, folders);
    expect(folders.reads).toBe(2);
    const next = folders.add(["40000", "d", inner], ["40000", "old", root]);
    await surveyTree(next, folders.store, defaultLimits, surveyed);
    expect(folders.reads).toBe(3);
    expect(surveyed.get(next)).toBe(3);
  });
});

describe("a revision is refused", () => {
  test("with more files than the limit, counted through folders that are there many times", async () => {
    const folders = new Folders();
    let root = folders.add(["100644", "a", oid], ["100644", "b", oid]);
    for (let level = 0; level < 5; level++) root = folders.add(["40000", "d", root], ["40000", "e", root]);
    const limits = { ...defaultLimits, files: 63 };
    await expect(survey(root, folders, limits)).rejects.toMatchObject({
      code: "InputTooLarge",
      problems: [{ message: "the repository has more than 63 files" }],
    });
    expect((await survey(root, folders, { ...limits, files: 64 })).get(root)).toBe(64);
  });

  test("with folders deeper than any file system takes", async () => {
    const folders = new Folders();
    let root = folders.add(["100644", "a", oid]);
    for (let level = 0; level < 256; level++) root = folders.add(["40000", "d", root]);
    expect((await survey(root, folders)).get(root)).toBe(1);
    root = folders.add(["40000", "d", root]);
    await expect(survey(root, folders)).rejects.toThrow("more than 256 levels of folders");
  });

  test.each([
    ["a file whose content is missing", "100644", "1".repeat(40), 'the content of "x" is missing'],
    ["a file that is a folder", "100644", "", 'the content of "x" is missing'],
    ["a folder that is missing", "40000", "2".repeat(40), `tree ${"2".repeat(40)} is missing`],
  ])("with %s", async (_, mode, named, message) => {
    const folders = new Folders();
    const folder = folders.add();
    const root = folders.add([mode, "x", named === "" ? folder : named]);
    await expect(survey(root, folders)).rejects.toThrow(message);
  });
});
