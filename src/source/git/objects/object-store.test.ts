import { describe, expect, onTestFinished, test } from "vitest";
import { entry, nameOf, offsetDelta, pack } from "../../../../test/source/objects/pack-builder.ts";
import { writePackFile } from "../packs/pack-file.ts";
import { indexPack } from "../packs/pack-index.ts";
import { defaultLimits } from "./limits.ts";
import { type IndexedPack, objectStore } from "./object-store.ts";

async function packOf(...entries: readonly Buffer[]): Promise<IndexedPack> {
  async function* pieces() {
    yield pack(entries);
  }
  const file = await writePackFile(pieces(), undefined, 10_000_000);
  onTestFinished(() => file.close());
  return { pack: file, index: await indexPack(file, defaultLimits, new AbortController().signal) };
}

const abc = Buffer.from("abc");
const [oid, absent] = [nameOf("blob", abc), "1".repeat(40)];

describe("a store of packs", () => {
  test("finds an object in whichever it is, also in one that is added later", async () => {
    const packs = [await packOf(entry("blob", Buffer.from("other")))];
    const store = objectStore(packs, defaultLimits);
    expect(store.typeOf(oid)).toBeUndefined();
    packs.push(await packOf(entry("blob", abc)));
    expect(store.typeOf(oid)).toBe("blob");
    expect((await store.read(oid, "blob")).toString()).toBe("abc");
  });

  test("reads what a delta makes", async () => {
    const base = entry("blob", abc);
    const store = objectStore(
      [await packOf(base, offsetDelta(base.length, Buffer.from([3, 6, 0x90, 3, 0x90, 3])))],
      defaultLimits,
    );
    expect((await store.read(nameOf("blob", Buffer.from("abcabc")), "blob")).toString()).toBe("abcabc");
  });

  test.each([
    ["that is not here", absent, "blob", `blob ${absent} is missing`],
    ["of another type", oid, "tree", `${oid} is a blob, not a tree`],
  ] as const)("refuses an object %s", async (_, name, type, message) => {
    const store = objectStore([await packOf(entry("blob", abc))], defaultLimits);
    await expect(store.read(name, type)).rejects.toMatchObject({ code: "SourceInvalid" });
    await expect(store.read(name, type)).rejects.toThrow(message);
  });

  test("refuses an object that many deltas make many times over", async () => {
    const base = entry("blob", Buffer.alloc(90, "a"));
    const entries = [base];
    for (let n = 0; n < 9; n++) {
      entries.push(
        offsetDelta(
          entries.at(-1)?.length ?? 0,
          Buffer.from([90, 90, 0x90, 90 - n - 1, n + 1, ...Buffer.alloc(n + 1, "b")]),
        ),
      );
    }
    const indexed = await packOf(...entries);
    const last = [...indexed.index].at(-1)?.[0] ?? "";
    expect(await objectStore([indexed], defaultLimits).read(last, "blob")).toHaveLength(90);
    const tight = objectStore([indexed], { ...defaultLimits, objectBytes: 100 });
    await expect(tight.read(last, "blob")).rejects.toThrow("more than 800 bytes in the deltas of one file or folder");
  });
});
