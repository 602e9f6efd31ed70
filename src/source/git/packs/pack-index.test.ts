import { randomBytes } from "node:crypto";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { failureOf } from "../../../../test/source/expectations.ts";
import {
  deltaData,
  type Entry,
  entry,
  namedDelta,
  nameOf,
  offsetDelta,
  pack,
} from "../../../../test/source/objects/pack-builder.ts";
import { defaultLimits, type FetchLimits } from "../objects/limits.ts";
import { objectStore } from "../objects/object-store.ts";
import { writePackFile } from "./pack-file.ts";
import { indexPack } from "./pack-index.ts";

const never = new AbortController().signal;

async function* inPieces(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function index(data: Buffer, limits: Partial<FetchLimits> = {}, pieces = 1000) {
  const all = { ...defaultLimits, ...limits };
  const file = await writePackFile(inPieces(data, pieces), undefined, all.packBytes);
  try {
    const indexed = { pack: file, index: await indexPack(file, all, never) };
    return { indexed, store: objectStore([indexed], all) };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Copies all of a base of 9 bytes, then adds one letter. */
const withLetter = (baseSize: number, letter: string) =>
  deltaData(baseSize, baseSize + 1, [0x90, baseSize, 1, letter.charCodeAt(0)]);

describe("the index of a pack", () => {
  const base = Buffer.from("harmless\n");
  const first = entry("blob", base);

  it.each([1, 7, 100_000])(
    "names what deltas make, whatever they build on and in whatever pieces it comes (%i)",
    async (size) => {
      const later = Buffer.from("harmless\nab");
      const data = pack([
        first,
        // On one that comes later, and is itself a delta.
        namedDelta(nameOf("blob", Buffer.from("harmless\na")), withLetter(10, "b")),
        offsetDelta(first.length + namedDelta("0".repeat(40), withLetter(10, "b")).length, withLetter(9, "a")),
      ]);
      const { indexed, store } = await index(data, {}, size);
      expect(indexed.index.size).toBe(3);
      expect((await store.read(nameOf("blob", later), "blob")).toString()).toBe("harmless\nab");
      await indexed.pack.close();
    },
  );

  it("holds objects of every size, empty and large, and reads them back", async () => {
    const sizes = [0, 1, 63, 64, 1024, 262_143, 262_144, 1024 ** 2];
    const contents = sizes.flatMap((size) => [randomBytes(size), Buffer.alloc(size, "ab")]);
    const { indexed, store } = await index(pack(contents.map((content) => entry("blob", content))));
    for (const content of contents) {
      expect((await store.read(nameOf("blob", content), "blob")).equals(content)).toBe(true);
    }
    await indexed.pack.close();
  });

  it("is given up when deltas make too much, though each is small", async () => {
    const large = Buffer.alloc(60_000);
    const entries: Entry[] = [entry("blob", large)];
    for (let n = 0; n < 100; n++) {
      const distance = entries.reduce((sum, { length }) => sum + length, 0);
      entries.push(offsetDelta(distance, deltaData(60_000, 120_000, [0xb0, 0x60, 0xea, 0xb0, 0x60, 0xea])));
    }
    const failure = await failureOf(index(pack(entries), { inflatedBytes: 5_000_000 }));
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.message).toContain("more than 5000000 bytes when unpacked");
  });

  it("is given up when deltas have too many instructions, and so is what is read, in slices", async () => {
    const size = 60_000;
    const entries: Entry[] = [entry("blob", Buffer.alloc(size))];
    const copies = Array.from({ length: size }, () => [0x90, 1]).flat();
    for (let n = 0; n < 20; n++) {
      const distance = entries[n]?.length ?? 0;
      entries.push(offsetDelta(distance, deltaData(size, size, copies)));
    }
    const failure = await failureOf(index(pack(entries), { inflatedBytes: 10_000_000 }));
    expect(failure.message).toContain("more than 10000000 bytes when unpacked");
    const { indexed, store } = await index(pack(entries), { objectBytes: 130_000 });
    const last = await failureOf(store.read(nameOf("blob", Buffer.alloc(size)), "blob"));
    expect(last.message).toContain("bytes in the deltas of one file or folder");
    await indexed.pack.close();
  });

  it.each([
    ["packBytes", { packBytes: 50 }],
    ["objects", { objects: 1 }],
    ["inflatedBytes", { inflatedBytes: 17 }],
  ])("keeps to its limit of %s", async (_, limits) => {
    const failure = await failureOf(index(pack([first, entry("blob", Buffer.from("another\n\n"))]), limits));
    expect(failure.code).toBe("InputTooLarge");
  });

  it("keeps to its limits for folders and for what must be read whole", async () => {
    const folder = entry("tree", Buffer.alloc(101, "x"));
    expect((await failureOf(index(pack([folder]), { folderBytes: 100 }))).code).toBe("InputTooLarge");
    const { indexed, store } = await index(pack([entry("blob", Buffer.alloc(101, "x"))]), { objectBytes: 100 });
    const failure = await failureOf(store.read(nameOf("blob", Buffer.alloc(101, "x")), "blob"));
    expect(failure.code).toBe("InputTooLarge");
    await indexed.pack.close();
  });

  it("ends when it is interrupted", async () => {
    // Each look at the clock finds that a second has passed.
    let seconds = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 1_000 * seconds++);
    onTestFinished(() => clock.mockRestore());
    const many = Array.from({ length: 10 }, (_, n) => entry("blob", Buffer.from(`${n}`)));
    const file = await writePackFile(inPieces(pack(many), 100_000), undefined, defaultLimits.packBytes);
    const reason = new Error("enough");
    await expect(indexPack(file, defaultLimits, AbortSignal.abort(reason))).rejects.toBe(reason);
    await file.close();
  });
});
