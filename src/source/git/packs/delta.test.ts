import { describe, expect, test } from "vitest";
import { deltaSteps } from "./delta.ts";

// Instructions are written by hand after gitformat-pack(5), "Deltified representation".
const base = Buffer.from("The quick brown fox jumps over the lazy dog");

interface Made {
  readonly result: Buffer;
  readonly spent: number;
  readonly steps: number;
}

function apply(from: Buffer, delta: readonly number[], limit = 1_000_000): Made {
  let spent = 0;
  const spend = (bytes: number) => {
    spent += bytes;
  };
  const steps = deltaSteps({ base: from, delta: Buffer.from(delta), limit, spend });
  let count = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) return { result: step.value, spent, steps: count };
    count += 1;
  }
}

const text = (words: string) => [...Buffer.from(words)];

describe("a delta makes", () => {
  test.each<[string, readonly number[], string]>([
    ["a copy of all", [43, 43, 0x90, 43], base.toString()],
    ["a copy from an offset", [43, 5, 0x91, 4, 5], "quick"],
    ["an insert", [43, 3, 3, ...text("cat")], "cat"],
    ["both", [43, 13, 0x90, 10, 3, ...text("cat")], "The quick cat"],
    ["pieces in another order", [43, 7, 0x91, 40, 3, 0x91, 16, 3, 1, ...text("!")], "dogfox!"],
    ["the same piece twice", [43, 6, 0x90, 3, 0x90, 3], "TheThe"],
    ["nothing at all", [43, 0], ""],
  ])("%s", (_, delta, result) => {
    expect(apply(base, delta).result.toString()).toBe(result);
  });

  test("a copy whose size and offset take all their bytes", () => {
    const large = Buffer.alloc(0x20100, 1).fill(2, 0x10000);
    // Offset 0x0000fffe in four bytes, size 0x010002 in three.
    const delta = [0x80, 0x82, 0x08, 0x82, 0x80, 0x04, 0xff, 0xfe, 0xff, 0, 0, 0x02, 0, 0x01];
    const { result } = apply(large, delta);
    expect(result.equals(large.subarray(0xfffe, 0x20000))).toBe(true);
  });

  test("64 KiB of a copy without a size", () => {
    const large = Buffer.alloc(70_000, 7);
    const { result } = apply(large, [0xf0, 0xa2, 0x04, 0x80, 0x80, 0x04, 0x80]);
    expect(result.length).toBe(65_536);
  });

  test("what it costs known: the bytes, and each instruction", () => {
    expect(apply(base, [43, 6, 0x90, 3, 0x90, 3]).spent).toBe(6 + 2 * 16);
  });

  test("way for others while it is at work", () => {
    const count = 50_000;
    const delta = [0x01, 0xd0, 0x86, 0x03, ...Array.from({ length: count }, () => [0x90, 1]).flat()];
    const { result, steps } = apply(Buffer.from("a"), delta);
    expect(result.equals(Buffer.alloc(count, "a"))).toBe(true);
    expect(steps).toBe(3);
  });
});

describe("a delta is broken that", () => {
  test.each<[string, readonly number[], string]>([
    ["is empty", [], "has no size"],
    ["has one size", [43], "has no size"],
    ["has a size without an end", [43, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], "has no size"],
    ["is of a larger base", [44, 3, 0x90, 3], "does not fit its base"],
    ["is of a smaller base", [42, 3, 0x90, 3], "does not fit its base"],
    ["copies from beyond the base", [43, 5, 0x91, 40, 5], "reaches beyond its data"],
    ["copies more than it said", [43, 3, 0x90, 4], "reaches beyond its data"],
    ["inserts more than it said", [43, 2, 3, ...text("cat")], "reaches beyond its data"],
    ["inserts more than it has", [43, 9, 9, ...text("cat")], "reaches beyond its data"],
    ["has an offset cut short", [43, 3, 0x93, 1], "reaches beyond its data"],
    ["has an unknown instruction", [43, 3, 0], "has an unknown instruction"],
    ["makes less than it said", [43, 5, 0x90, 3], "produces less than it declares"],
    ["says nothing of what it makes", [43, 5], "produces less than it declares"],
  ])("%s", (_, delta, message) => {
    expect(() => apply(base, delta)).toThrow(`the server sent a broken pack: a delta ${message}`);
  });

  test("makes more than the limit, before it is made", () => {
    expect(() => apply(base, [43, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 43])).toThrow(
      "a delta makes an object of 34359738367 bytes, more than 1000000",
    );
  });

  test("costs more than it may", () => {
    const spend = () => {
      throw new Error("enough");
    };
    const steps = deltaSteps({ base, delta: Buffer.from([43, 3, 0x90, 3]), limit: 100, spend });
    expect(() => steps.next()).toThrow("enough");
  });
});
