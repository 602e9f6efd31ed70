import { describe, expect, test } from "vitest";
import { collect } from "./body.ts";

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const [index, size] of sizes.entries()) yield Buffer.alloc(size, `${index}`);
}

describe("a body", () => {
  test.each([
    ["nothing", [], ""],
    ["one piece", [3], "000"],
    ["several", [1, 0, 2], "022"],
    ["as much as is allowed", [5, 5], "0000011111"],
  ])("of %s", async (_, sizes, text) => {
    expect((await collect(pieces(...sizes), 10)).toString()).toBe(text);
  });

  test("is not read on beyond its limit", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += 1;
        yield Buffer.alloc(4);
      }
    }
    await expect(collect(endless(), 10)).rejects.toMatchObject({ code: "InputTooLarge" });
    expect(read).toBe(3);
  });
});
