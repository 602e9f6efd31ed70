import { describe, expect, onTestFinished, test } from "vitest";
import { entry, namedDelta, nameOf, offsetDelta, pack } from "../../../../test/source/objects/pack-builder.ts";
import { defaultLimits } from "../objects/limits.ts";
import { writePackFile } from "./pack-file.ts";
import { type DeltaBases, resolveEntry } from "./resolve-entry.ts";

async function fileOf(entries: readonly Buffer[]) {
  async function* pieces() {
    yield pack(entries);
  }
  const file = await writePackFile(pieces(), undefined, 10_000_000);
  onTestFinished(() => file.close());
  return file;
}

const none: DeltaBases = { offsetOf: () => undefined, cached: () => undefined, spend: () => undefined };
const abc = Buffer.from("abc");
/** Copies three bytes, and inserts one. */
const longer = (size: number, letter: string) => Buffer.from([size, size + 1, 0x90, size, 1, letter.charCodeAt(0)]);

/** Where each entry begins. */
function offsetsOf(entries: readonly Buffer[]): readonly number[] {
  let at = 12;
  return entries.map(({ length }) => {
    at += length;
    return at - length;
  });
}

describe("an object", () => {
  const base = entry("blob", abc);
  const first = offsetDelta(base.length, longer(3, "d"));
  const second = offsetDelta(first.length, longer(4, "e"));
  const entries = [base, first, second];
  const [, one = 0, two = 0] = offsetsOf(entries);

  test("that is whole is itself", async () => {
    expect(await resolveEntry(await fileOf(entries), 12, none, defaultLimits)).toEqual({ type: "blob", data: abc });
  });

  test("that is a delta of a delta has the type of its base", async () => {
    const object = await resolveEntry(await fileOf(entries), two, none, defaultLimits);
    expect([object?.type, object?.data.toString()]).toEqual(["blob", "abcde"]);
  });

  test("is made from what is at hand where that is nearer", async () => {
    const cached = (offset: number) =>
      offset === one ? ({ type: "blob", data: Buffer.from("wxyz") } as const) : undefined;
    const object = await resolveEntry(await fileOf(entries), two, { ...none, cached }, defaultLimits);
    expect(object?.data.toString()).toBe("wxyze");
  });

  test("on a base by name is undefined until that is known", async () => {
    const named = [namedDelta(nameOf("blob", abc), longer(3, "d")), base];
    const [at = 0, baseAt = 0] = offsetsOf(named);
    const file = await fileOf(named);
    expect(await resolveEntry(file, at, none, defaultLimits)).toBeUndefined();
    const offsetOf = (oid: string) => (oid === nameOf("blob", abc) ? baseAt : undefined);
    expect((await resolveEntry(file, at, { ...none, offsetOf }, defaultLimits))?.data.toString()).toBe("abcd");
  });

  test("that builds on itself, by name, ends", async () => {
    const circle = [namedDelta("1".repeat(40), longer(3, "d"))];
    const bases = { ...none, offsetOf: () => 12 };
    await expect(resolveEntry(await fileOf(circle), 12, bases, defaultLimits)).rejects.toThrow(
      "a chain of more than 512 deltas",
    );
  });

  test("costs all that is made on the way", async () => {
    let spent = 0;
    const spend = (bytes: number) => {
      spent += bytes;
    };
    await resolveEntry(await fileOf(entries), two, { ...none, spend }, defaultLimits);
    // The base of three bytes and two deltas of six; results of four and five, of two instructions each.
    expect(spent).toBe(3 + 6 + 6 + (4 + 32) + (5 + 32));
  });

  test("larger than the limit is not inflated", async () => {
    const limits = { ...defaultLimits, objectBytes: 2 };
    await expect(resolveEntry(await fileOf(entries), 12, none, limits)).rejects.toMatchObject({
      code: "InputTooLarge",
      problems: [{ message: "the repository has more than 2 bytes in one file or folder" }],
    });
  });
});
