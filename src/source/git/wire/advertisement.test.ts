import { describe, expect, test } from "vitest";
import { readAdvertisement } from "./advertisement.ts";
import { packet } from "./pkt-line.ts";

const [one, two, three] = ["1", "2", "3"].map((digit) => digit.repeat(40)) as [string, string, string];
const flush = "0000";
const line = (text: string) => packet(text).toString();

async function* body(...parts: readonly string[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part);
}

const read = (text: string, prefixes: readonly string[] = [""]) =>
  readAdvertisement(body(text), { address: "https://git.example.com/env.git", prefixes });

// As gitprotocol-pack(5), "Reference Discovery", has them.
const version0 = [
  line("# service=git-upload-pack"),
  flush,
  line(
    `${one} HEAD\0multi_ack side-band-64k ofs-delta symref=HEAD:refs/heads/main object-format=sha1 agent=git/2.47.1`,
  ),
  line(`${one} refs/heads/main`),
  line(`${two} refs/tags/v1.0`),
  line(`${three} refs/tags/v1.0^{}`),
  flush,
].join("");

// As gitprotocol-v2(5), "Capability Advertisement", has them.
const capabilities2 = ["version 2", "agent=git/2.47.1", "ls-refs=unborn", "fetch=shallow filter", "object-format=sha1"];
const version2 = [line("# service=git-upload-pack"), flush, ...capabilities2.map(line), flush].join("");

describe("version 0", () => {
  test("names references, what HEAD points to and what a tag points to", async () => {
    const { version, refs, capabilities } = await read(version0);
    expect(version).toBe(0);
    expect([...refs.values()]).toEqual([
      { ref: "HEAD", oid: one, target: "refs/heads/main" },
      { ref: "refs/heads/main", oid: one },
      { ref: "refs/tags/v1.0", oid: two, peeled: three },
    ]);
    expect(capabilities.has("side-band-64k")).toBe(true);
    expect(capabilities.has("filter")).toBe(false);
  });

  test.each([
    ["a prefix", ["refs/tags/"], ["refs/tags/v1.0"]],
    ["several", ["HEAD", "refs/heads/"], ["HEAD", "refs/heads/main"]],
    ["none", [], []],
  ])("keeps the references of %s", async (_, prefixes, names) => {
    expect([...(await read(version0, prefixes)).refs.keys()]).toEqual(names);
  });

  test.each([
    ["over SSH, without the line of HTTP", version0.slice(version0.indexOf("0000") + 4), 3],
    ["of version 1", line("version 1") + version0.slice(version0.indexOf("0000") + 4), 3],
    [
      "of a shallow repository",
      line(`${one} refs/heads/main\0shallow`) + line(`shallow ${two}`) + line(`shallow ${three}`) + flush,
      1,
    ],
    ["of an empty repository", line(`${"0".repeat(40)} capabilities^{}\0report-status agent=git/2`) + flush, 0],
    ["of an empty repository of an old git", line("# service=git-upload-pack") + flush + flush, 0],
    ["of alternates, under one name", line(`${one} .have\0report-status`) + line(`${two} .have`) + flush, 1],
  ])("%s", async (_, text, count) => {
    const { version, refs } = await read(text);
    expect([version, refs.size]).toEqual([0, count]);
  });

  test("costs no more with a HEAD in every line, and as many capabilities as there may be", async () => {
    const names = Array.from({ length: 50_000 }, (_, n) => String.fromCharCode(0x100 + n));
    const starts = [0, 15_000, 30_000, 45_000];
    const capable = starts.map((at) => line(`${one} refs/x\0${names.slice(at, at + 15_000).join(" ")}`));
    const begun = performance.now();
    await read([...capable, line(`${one} HEAD`).repeat(5_000), flush].join(""));
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test("a tag's target without its tag is nobody's", async () => {
    const text = line(`${one} refs/heads/main\0a`) + line(`${two} refs/tags/gone^{}`) + flush;
    expect([...(await read(text)).refs.keys()]).toEqual(["refs/heads/main"]);
  });
});

describe("version 2", () => {
  test("names capabilities, and the features of fetch among them", async () => {
    const { version, refs, capabilities } = await read(version2);
    expect([version, refs.size]).toEqual([2, 0]);
    expect(["agent=git/2.47.1", "object-format=sha1", "shallow", "filter"].every((one) => capabilities.has(one))).toBe(
      true,
    );
  });

  test("is understood without the line of HTTP, as Bitbucket sends it", async () => {
    const { version, capabilities } = await read(version2.slice(version2.indexOf("0000") + 4));
    expect([version, capabilities.has("filter")]).toEqual([2, true]);
  });
});

describe("what is refused", () => {
  const refused = (text: string) => read(text).catch((thrown: unknown) => thrown);

  test.each([
    ["a web page", "<html>", "SourceInvalid", "the answer is not of the Git protocol"],
    ["nothing at all", "", "SourceInvalid", "the answer ends too early"],
    ["a list cut short between two lines", version0.slice(0, -4), "SourceInvalid", "the answer ends too early"],
    ["a list cut short within a line", version0.slice(0, -20), "SourceInvalid", "in the middle of a packet"],
    ["capabilities cut short", version2.slice(0, -4), "SourceInvalid", "the answer ends too early"],
    ["no object's name", line("main refs/heads/main\0a") + flush, "SourceInvalid", "not of the Git protocol"],
    ["a name in capitals", line(`${"A".repeat(40)} refs/heads/a\0a`) + flush, "SourceInvalid", "not of the Git"],
    ["a name that is too long", line(`${one}1 refs/heads/a\0a`) + flush, "SourceInvalid", "not of the Git protocol"],
    ["a reference without a name", line(`${one}\0a`) + flush, "SourceInvalid", "not of the Git protocol"],
    [
      "a server that says why",
      line("ERR access denied or repository not exported: /env\x1b[2J"),
      "SourceDenied",
      "the server says: access denied or repository not exported: /env [2J",
    ],
    [
      "SHA-256 in version 0",
      line(`${"1".repeat(64)} HEAD\0object-format=sha256`) + flush,
      "SourceInvalid",
      "https://git.example.com/env.git uses SHA-256 object names",
    ],
    [
      "SHA-256 in version 2",
      line("version 2") + line("object-format=sha256") + flush,
      "SourceInvalid",
      "uses SHA-256 object names",
    ],
    [
      "capabilities without an end",
      line("version 2") + line(`agent=${"a".repeat(1000)}`).repeat(66) + flush,
      "InputTooLarge",
      "more than 65536 characters of capabilities",
    ],
  ])("%s", async (_, text, code, message) => {
    const failure = await refused(text);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toContain(message);
  });

  test("more lines than any list has, however short", async () => {
    async function* marks(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.from(flush.repeat(1_000));
    }
    const reading = readAdvertisement(marks(), { address: "https://git.example.com/env.git", prefixes: [] });
    await expect(reading).rejects.toThrow("more than 1000000 lines in a list");
  });

  test("more bytes than any list has", async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      const piece = Buffer.from(line(`${one} refs/heads/${"a".repeat(60_000)}`));
      for (; ; sent += piece.length) yield piece;
    }
    const reading = readAdvertisement(endless(), { address: "https://git.example.com/env.git", prefixes: [] });
    await expect(reading).rejects.toMatchObject({ code: "InputTooLarge" });
    expect(sent).toBeGreaterThan(63 * 1024 ** 2);
  });
});
