import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { entry, namedDelta, offsetDelta, pack } from "../../../../test/source/objects/pack-builder.ts";
import { hashLargeEntry, inflateEntry, namingSteps, objectName, readHead } from "./pack-entry.ts";
import { type PackFile, writePackFile } from "./pack-file.ts";

/** The pack file of some bytes, with whatever stands in them behind its header. */
async function fileOf(...entries: readonly Buffer[]): Promise<PackFile> {
  async function* pieces() {
    yield pack(entries);
  }
  const file = await writePackFile(pieces(), undefined, 10_000_000);
  onTestFinished(() => file.close());
  return file;
}

const start = 12;
/** What follows a head, so that it does not end the pack. */
const data = deflateSync(Buffer.from("hello\n"));

// gitformat-pack(5): three bits of type, four of size, then seven in each byte that follows.
describe("the head of an object", () => {
  test.each([
    ["a commit of one byte", [0x11], { type: "commit", size: 1, dataAt: start + 1 }],
    ["a tree of fifteen", [0x2f], { type: "tree", size: 15, dataAt: start + 1 }],
    ["a blob of sixteen", [0xb0, 0x01], { type: "blob", size: 16, dataAt: start + 2 }],
    ["a tag of 2047", [0xcf, 0x7f], { type: "tag", size: 2047, dataAt: start + 2 }],
    ["a blob of 2048", [0xb0, 0x80, 0x01], { type: "blob", size: 2048, dataAt: start + 3 }],
    ["an empty blob", [0x30], { type: "blob", size: 0, dataAt: start + 1 }],
    ["a blob beyond 2^32", [0xb0, 0x80, 0x80, 0x80, 0x80, 0x01], { type: "blob", size: 2 ** 32, dataAt: start + 6 }],
    [
      "a delta on a name",
      [0x75, ...Buffer.alloc(20, 0xab)],
      { type: undefined, base: "ab".repeat(20), size: 5, dataAt: start + 21 },
    ],
  ])("of %s", async (_, head, expected) => {
    const file = await fileOf(Buffer.from([...head, ...data]));
    expect(await readHead(file, start)).toMatchObject(expected);
  });

  // Each byte after the first adds one to what came before, so that no distance has two spellings.
  test.each([
    ["one byte", 127, [0x7f]],
    ["two bytes", 128, [0x80, 0x00]],
    ["two bytes, the largest", 16_511, [0xff, 0x7f]],
    ["three bytes", 16_512, [0x80, 0x80, 0x00]],
  ])("of a delta whose base is %s before it", async (_, distance, spelling) => {
    const filler = entry("blob", randomBytes(17_000));
    const file = await fileOf(filler, Buffer.from([0x65, ...spelling, ...data]));
    const offset = start + filler.length;
    expect(await readHead(file, offset)).toMatchObject({ base: offset - distance, type: undefined, size: 5 });
  });

  test.each([
    ["no type", [0x00], "an object has no header"],
    ["the reserved type", [0x55], "an object has no header"],
    ["a size without an end", [0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], "an impossible size"],
    ["a base in itself", [0x65, 0x00], "a delta has its base outside the pack"],
    ["a base before the pack", [0x65, 0x0d], "a delta has its base outside the pack"],
  ])("is broken with %s", async (_, head, message) => {
    const file = await fileOf(Buffer.from([...head, ...data]));
    await expect(readHead(file, start)).rejects.toThrow(message);
  });

  test("is broken where the pack ends with it", async () => {
    await expect(readHead(await fileOf(Buffer.from([0x31])), start)).rejects.toThrow("an object has no header");
    await expect(readHead(await fileOf(), start)).rejects.toThrow("an object has no header");
  });
});

describe("the data of an object", () => {
  test.each([0, 1, 100, 70_000])("of %i bytes is inflated, and the next one found", async (size) => {
    const content = randomBytes(size);
    const [one, two] = [entry("blob", content), entry("blob", Buffer.from("next"))];
    const file = await fileOf(one, two);
    const { data: inflated, end } = await inflateEntry(file, await readHead(file, start));
    expect(inflated.equals(content)).toBe(true);
    expect(end).toBe(start + one.length);
    expect((await inflateEntry(file, await readHead(file, end))).data.toString()).toBe("next");
  });

  test.each([10, 70_000])("must have the %i bytes that its head says", async (size) => {
    for (const said of [size - 1, size + 1]) {
      const file = await fileOf(entry("blob", randomBytes(size), said), entry("blob", randomBytes(200_000)));
      const head = await readHead(file, start);
      await expect(inflateEntry(file, head)).rejects.toThrow("does not inflate to its declared size");
    }
  });

  test.each([10, 70_000])("must be deflated: %i bytes", async (size) => {
    const garbage = Buffer.concat([entry("blob", Buffer.alloc(0), size).subarray(0, -8), Buffer.alloc(size, 0xff)]);
    const file = await fileOf(garbage);
    await expect(inflateEntry(file, await readHead(file, start))).rejects.toThrow("does not inflate");
  });

  test("of deltas is that of the deltas", async () => {
    const [one, delta] = [entry("blob", Buffer.from("abc")), Buffer.from([3, 3, 0x90, 3])];
    for (const second of [offsetDelta(one.length, delta), namedDelta("1".repeat(40), delta)]) {
      const file = await fileOf(one, second);
      expect((await inflateEntry(file, await readHead(file, start + one.length))).data.equals(delta)).toBe(true);
    }
  });
});

describe("the name of an object", () => {
  // What `git hash-object` prints for them.
  test.each([
    ["blob", "", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"],
    ["tree", "", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"],
    ["blob", "hello\n", "ce013625030ba8dba906f756967f9e9ca394464a"],
    ["blob", "test content\n", "d670460b4b4aece5915caf5c68d12f560a9fe3e4"],
  ] as const)("%s %j is %s", (type, content, oid) => {
    expect(objectName(type, Buffer.from(content))).toBe(oid);
  });

  test("is the same in steps, and in pieces of a pack", async () => {
    const content = randomBytes(2_500_000);
    const steps = namingSteps("blob", content);
    let [count, step] = [0, steps.next()];
    for (; !step.done; step = steps.next()) count += 1;
    expect(step.value).toBe(objectName("blob", content));
    expect(count).toBe(2);
    const one = entry("blob", content);
    const file = await fileOf(one, entry("blob", Buffer.from("next")));
    const hashed = await hashLargeEntry(file, await readHead(file, start));
    expect(hashed).toEqual({ oid: objectName("blob", content), end: start + one.length });
  });

  test.each([-1, 1])("of a large one is none where its head says %i bytes more", async (more) => {
    const file = await fileOf(entry("blob", randomBytes(300_000), 300_000 + more));
    const head = await readHead(file, start);
    await expect(hashLargeEntry(file, head)).rejects.toThrow("does not inflate");
  });
});
