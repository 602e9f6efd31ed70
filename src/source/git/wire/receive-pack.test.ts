import { describe, expect, test } from "vitest";
import { packet } from "./pkt-line.ts";
import { pushRequest, readReport, zeroOid } from "./receive-pack.ts";

const [one, two] = ["1".repeat(40), "2".repeat(40)];
const line = (text: string) => packet(text).toString();
const capable = (...names: readonly string[]) => ({ capabilities: new Set(names) });

describe("a push, as gitprotocol-pack(5) has it", () => {
  const ref = "refs/heads/production";
  const pack = Buffer.from("PACK…");
  test.each([
    [
      "moves a branch",
      { ref, from: one, to: two },
      capable("report-status", "side-band-64k", "delete-refs"),
      `${line(`${one} ${two} ${ref}\0report-status side-band-64k agent=mooring/1`)}0000PACK…`,
    ],
    [
      "makes one",
      { ref, from: zeroOid, to: two },
      capable("report-status"),
      `${line(`${zeroOid} ${two} ${ref}\0report-status agent=mooring/1`)}0000PACK…`,
    ],
    [
      "deletes one, without a pack",
      { ref, from: one, to: zeroOid },
      capable("report-status", "delete-refs"),
      `${line(`${one} ${zeroOid} ${ref}\0report-status agent=mooring/1`)}0000`,
    ],
  ])("%s", (_, update, server, expected) => {
    expect(pushRequest(update, pack, server, "mooring/1").toString()).toBe(expected);
  });
});

describe("the report of a push", () => {
  const banded = (band: number, text: string) =>
    `${(text.length + 5).toString(16).padStart(4, "0")}${String.fromCharCode(band)}${text}`;
  async function* answer(text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const plain = (text: string) => readReport(answer(text), capable("report-status"));
  const inBands = (text: string) => readReport(answer(text), capable("report-status", "side-band-64k"));
  const done = `${line("unpack ok")}${line("ok refs/heads/production")}0000`;
  const refusal = (why: string) => `${line("unpack ok")}${line(`ng refs/heads/production ${why}`)}0000`;

  test.each([
    ["plain", plain(done)],
    ["in a band", inBands(`${banded(1, done)}0000`)],
    ["in a band, in two pieces", inBands(`${banded(1, done.slice(0, 7))}${banded(1, done.slice(7))}0000`)],
    ["with words for people", inBands(`${banded(2, "Create a pull request\n")}${banded(1, done)}0000`)],
  ])("says that it is done: %s", async (_, report) => {
    expect(await report).toEqual({ type: "done" });
  });

  test.each([
    ["a rule", plain(refusal("protected branch hook declined")), "protected branch hook declined"],
    ["a race", plain(refusal("failed to update ref")), "failed to update ref"],
    [
      "a hook that says more",
      inBands(`${banded(2, "GL-HOOK: no pushes\non Fridays\n")}${banded(1, refusal("pre-receive hook declined"))}0000`),
      "pre-receive hook declined GL-HOOK: no pushes on Fridays",
    ],
    ["a disk", plain(`${line("unpack no space left on device")}0000`), "unpack no space left on device"],
    ["control characters", plain(refusal("\x1b]0;owned\x07no")), "]0;owned no"],
  ])("says why it is refused: %s", async (_, report, message) => {
    expect(await report).toEqual({ type: "refused", message });
  });

  test.each([
    ["words for people", 2],
    ["lines", 1],
  ])("has an end: %s", async (_, band) => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      const piece = Buffer.from(banded(band, line("a".repeat(60_000))));
      for (; sent < 64 * 1024 ** 2; sent += piece.length) yield piece;
    }
    const report = readReport(endless(), capable("report-status", "side-band-64k"));
    await expect(report).rejects.toMatchObject({ code: "InputTooLarge" });
    expect(sent).toBeLessThan(2 * 1024 ** 2);
  });

  test.each([
    ["nothing", () => plain("0000")],
    ["something about no branch", () => plain(`${line("unpack ok")}0000`)],
    ["words for people alone", () => inBands(`${banded(3, "fatal: the remote end hung up")}0000`)],
  ])("must say one or the other: %s", async (_, report) => {
    await expect(report()).rejects.toMatchObject({ code: "SourceInvalid" });
    await expect(report()).rejects.toThrow("the server does not report the result of the push");
  });
});
