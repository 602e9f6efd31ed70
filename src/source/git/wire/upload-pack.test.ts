import { describe, expect, test } from "vitest";
import { packet } from "./pkt-line.ts";
import { type Dialect, type PackRequest, packOf, packRequest } from "./upload-pack.ts";

const [one, two, three] = ["1", "2", "3"].map((digit) => digit.repeat(40)) as [string, string, string];
const line = (text: string) => packet(text).toString();
const version2: Dialect = { version: 2, capabilities: new Set(["fetch=shallow filter", "shallow", "filter"]) };
const version0 = (...capabilities: readonly string[]): Dialect => ({ version: 0, capabilities: new Set(capabilities) });
const first: PackRequest = { want: one, haves: [], depth: 1, commitsOnly: false };

/** The lines of a request, with the marks by their names. */
function linesOf(request: Buffer): readonly string[] {
  const marks: Readonly<Record<string, string>> = { "0000": "flush", "0001": "delimiter" };
  const lines: string[] = [];
  for (let rest = request.toString(); rest !== ""; ) {
    const head = rest.slice(0, 4);
    const mark = marks[head];
    lines.push(mark ?? rest.slice(4, Number.parseInt(head, 16)).trimEnd());
    rest = rest.slice(mark === undefined ? Number.parseInt(head, 16) : 4);
  }
  return lines;
}

describe("a request in version 2, as gitprotocol-v2(5) has it", () => {
  const head = ["command=fetch", "agent=mooring/1", "delimiter", "ofs-delta", "no-progress"];
  test.each<[string, PackRequest, readonly string[]]>([
    ["for a first commit", first, [`want ${one}`, "deepen 1", "done", "flush"]],
    [
      "for what is new since two others",
      { ...first, haves: [two, three] },
      [
        `want ${one}`,
        `shallow ${two}`,
        `shallow ${three}`,
        "deepen 1",
        `have ${two}`,
        `have ${three}`,
        "done",
        "flush",
      ],
    ],
    [
      "for commits alone",
      { ...first, depth: 100, commitsOnly: true },
      [`want ${one}`, "deepen 100", "filter tree:0", "done", "flush"],
    ],
  ])("%s", (_, request, lines) => {
    expect(linesOf(packRequest(request, version2, "mooring/1"))).toEqual([...head, ...lines]);
  });
});

describe("a request in version 0, as gitprotocol-pack(5) has it", () => {
  test.each<[string, PackRequest, Dialect, readonly string[]]>([
    [
      "asks for what the server is capable of",
      first,
      version0("multi_ack", "side-band-64k", "ofs-delta"),
      [`want ${one} side-band-64k ofs-delta agent=mooring/1`, "deepen 1", "flush", "done"],
    ],
    ["and for nothing else", first, version0(), [`want ${one} agent=mooring/1`, "deepen 1", "flush", "done"]],
    [
      "tells what is here behind the mark",
      { ...first, haves: [two] },
      version0("side-band-64k"),
      [`want ${one} side-band-64k agent=mooring/1`, `shallow ${two}`, "deepen 1", "flush", `have ${two}`, "done"],
    ],
    [
      "asks for a filter where it needs one",
      { ...first, commitsOnly: true },
      version0("side-band-64k", "filter"),
      [`want ${one} side-band-64k filter agent=mooring/1`, "deepen 1", "filter tree:0", "flush", "done"],
    ],
    [
      "and only there",
      first,
      version0("side-band-64k", "filter"),
      [`want ${one} side-band-64k agent=mooring/1`, "deepen 1", "flush", "done"],
    ],
  ])("%s", (_, request, dialect, lines) => {
    expect(linesOf(packRequest(request, dialect, "mooring/1"))).toEqual(lines);
  });
});

describe("the pack in an answer", () => {
  const banded = (band: number, text: string) =>
    Buffer.concat([Buffer.from((text.length + 5).toString(16).padStart(4, "0")), Buffer.of(band), Buffer.from(text)]);
  async function* answer(...parts: readonly (string | Buffer)[]): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield Buffer.from(part);
  }
  const read = async (...parts: readonly (string | Buffer)[]): Promise<string> => {
    const pieces: Buffer[] = [];
    for await (const piece of packOf(answer(...parts))) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  test.each([
    ["of version 0", [line("NAK"), banded(1, "PACK"), banded(1, "rest"), "0000"]],
    ["of version 0, shallow", [line(`shallow ${one}`), "0000", line("NAK"), banded(1, "PACKrest"), "0000"]],
    ["with an acknowledgement", [line(`ACK ${one}`), banded(1, "PACKrest"), "0000"]],
    [
      "with progress between",
      [line("NAK"), banded(2, "Counting\r"), banded(1, "PACK"), banded(2, "x"), banded(1, "rest")],
    ],
    [
      "of version 2",
      [
        line("acknowledgments"),
        line("NAK"),
        line("ready"),
        "0001",
        line("shallow-info"),
        line(`shallow ${one}`),
        line(`unshallow ${two}`),
        "0001",
        line("packfile"),
        banded(1, "PACKrest"),
        "0000",
      ],
    ],
  ])("%s", async (_, parts) => {
    expect(await read(...parts)).toBe("PACKrest");
  });

  test.each([
    ["that is not ours", line(`ERR upload-pack: not our ref ${one}`), "RefNotFound", "does not hand it out"],
    ["that GitLab does not have", line(`ERR upload-pack: not our ref ${one}\n`), "RefNotFound", one],
    ["of a branch that is gone", line("ERR no such remote ref refs/heads/a"), "RefNotFound", "no such remote ref"],
    ["that is none", line(`ERR upload-pack: not a valid object name ${one}`), "RefNotFound", "must exist"],
    ["in a band", banded(3, "fatal: out of memory\n"), "SourceUnreachable", "the server gave up: fatal: out of memory"],
    ["with control characters", banded(3, "\x1b[2Jgone\n"), "SourceUnreachable", "the server gave up: [2Jgone"],
    ["that is a web page", "<html></html>", "SourceInvalid", "not of the Git protocol"],
    ["that says something else", line("HELLO"), "SourceInvalid", "not of the Git protocol"],
    ["that ends in a piece", "00ff\x01PACK", "SourceInvalid", "in the middle of a packet"],
  ])("an error %s", async (_, part, code, message) => {
    const failure = await read(part).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code });
    expect(String(failure)).toContain(message);
  });
});
