import { expect, test } from "vitest";
import { type Packet, packet, readLines, readPackets, splitAtFlush } from "./pkt-line.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function readAll(packets: AsyncIterable<Packet | string>): Promise<readonly string[]> {
  const read: string[] = [];
  for await (const one of packets) read.push(typeof one === "string" ? one : one.toString());
  return read;
}

test("a line is written with its length, line break and length included", () => {
  expect(packet("done").toString()).toBe("0009done\n");
});

test.each([1, 3, 4, 5, 1000])("packets are read in whatever pieces they come (%i)", async (size) => {
  const text = "0009done\n00010006a\n00000004000a\x01PACK\n0002";
  const expected = ["done\n", "delimiter", "a\n", "flush", "", "\x01PACK\n", "end"];
  expect(await readAll(readPackets(inPieces(text, size)))).toEqual(expected);
});

test.each([
  ["a web page", "<html>", "not of the Git protocol"],
  ["a length that is none", "0003", "not of the Git protocol"],
  ["a packet cut short", "000adone", "in the middle of a packet"],
  ["a length cut short", "00", "in the middle of a packet"],
])("%s is refused", async (_, text, message) => {
  await expect(readAll(readPackets(inPieces(text, 100)))).rejects.toThrow(message);
});

test("lines that come in one piece leave the event loop free between two slices", async () => {
  let rounds = 0;
  const loop = setInterval(() => rounds++, 1);
  const lines = await readAll(readLines(inPieces(`${"0009line\n".repeat(150_000)}0000`, 2_000_000), 2_000_000));
  clearInterval(loop);
  expect(lines).toHaveLength(150_000);
  expect(rounds).toBeGreaterThan(2);
});

test.each([1, 7, 1000])("what comes before the first flush is parted from the rest (%i)", async (size) => {
  const { head, rest } = await splitAtFlush(inPieces("0009done\n0006a\n00000009more\n0000", size), 1000);
  expect(head.toString()).toBe("0009done\n0006a\n0000");
  expect(await readAll(readPackets(rest))).toEqual(["more\n", "flush"]);
});

test("an error in place of what comes before the first flush is the server's", async () => {
  await expect(splitAtFlush(inPieces("0012ERR no access\n", 7), 500)).rejects.toMatchObject({
    code: "SourceDenied",
    message: "the server says: no access",
  });
});

test("what never ends, or ends at once, is refused", async () => {
  await expect(splitAtFlush(inPieces("0009done\n".repeat(1000), 100), 500)).rejects.toMatchObject({
    code: "InputTooLarge",
  });
  await expect(splitAtFlush(inPieces("0009done\n", 100), 500)).rejects.toMatchObject({ code: "SourceInvalid" });
});
