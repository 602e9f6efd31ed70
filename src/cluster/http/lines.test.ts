import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyText } from "../../../test/support/properties/any-text.ts";
import { linesOf } from "./lines.ts";

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const size of sizes) {
    yield bytes.subarray(from, from + size);
    from += size;
  }
  yield bytes.subarray(from);
}

async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

const read = (text: string, sizes: readonly number[], longest = 1_000) =>
  collect(linesOf(inChunks(Buffer.from(text), sizes), longest));

describe("linesOf", () => {
  test.each<{ what: string; text: string; sizes: readonly number[]; expected: readonly string[] }>([
    { what: "several in one chunk", text: "a\nb\nc\n", sizes: [], expected: ["a", "b", "c"] },
    { what: "one over several chunks", text: "abcdef\n", sizes: [1, 2, 3], expected: ["abcdef"] },
    { what: "cut within a character", text: "ä€😀\n", sizes: [1, 3, 5], expected: ["ä€😀"] },
    { what: "a cut-off last line is left out", text: '{"a":1}\n{"b"', sizes: [4], expected: ['{"a":1}'] },
    { what: "empty lines are left out", text: "\n\na\n\n", sizes: [1], expected: ["a"] },
    { what: "nothing", text: "", sizes: [], expected: [] },
  ])("$what", async ({ text, sizes, expected }) => {
    expect(await read(text, sizes)).toEqual(expected);
  });

  test("the same lines however they are cut", async () => {
    const line = anyText().filter((text) => text !== "" && !text.includes("\n"));
    const check = async (lines: readonly string[], sizes: readonly number[]) => {
      const text = lines.map((each) => `${each}\n`).join("");
      const decoded = lines.map((each) => Buffer.from(each).toString());
      expect(await read(text, sizes, 100_000)).toEqual(decoded);
    };
    await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 4 }), fc.array(fc.nat(9)), check));
  });

  test("a line without end is given up before it fills the memory", async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 100;
        yield new Uint8Array(100).fill(65);
      }
    }
    await expect(collect(linesOf(endless(), 1_000))).rejects.toMatchObject({ code: "ClusterUnreachable" });
    expect(sent).toBe(1_100);
  });
});
