import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anonymous, createSource } from "../../../src/source/index.ts";
import { failureOf } from "../expectations.ts";
import {
  commitData,
  deltaData,
  type Entry,
  entry,
  namedDelta,
  nameOf,
  offsetDelta,
  pack,
  treeData,
} from "./pack-builder.ts";

const never = new AbortController().signal;

/** A server that says what it is told to, and checks nothing. */
describe("a hostile repository is refused", () => {
  let server: Server;
  let url: string;
  let answer: { readonly commit: string; readonly pack: Buffer };

  beforeAll(async () => {
    server = createServer((request, response) => {
      const references = `${line("# service=git-upload-pack\n")}0000${line(
        `${answer.commit} refs/heads/main\0side-band-64k ofs-delta shallow\n`,
      )}0000`;
      if (request.method === "GET") {
        response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" }).end(references);
      } else {
        response.writeHead(200).end(Buffer.concat([Buffer.from(line("NAK\n")), ...sideBand(answer.pack)]));
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hostile.git`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const fetchPack = async (commit: string, sent: Buffer): Promise<{ code: string; message: string }> => {
    answer = { commit, pack: sent };
    const source = createSource(url, anonymous, { userAgent: "mooring/test" });
    try {
      return await failureOf(source.fetch({ branch: "main" }, never));
    } finally {
      await source.close();
    }
  };
  /** A commit on a root tree, with what else there is. */
  const fetchTree = (root: Buffer, others: readonly Entry[] = []) => {
    const commit = commitData(nameOf("tree", root));
    return fetchPack(nameOf("commit", commit), pack([entry("commit", commit), entry("tree", root), ...others]));
  };

  const blob = Buffer.from("harmless\n");
  const oid = nameOf("blob", blob);

  it.each([
    "..",
    ".",
    "",
    ".git",
    ".GIT",
    ".git ",
    ".git.",
    "git~1",
    ".git\u200c",
    ".git::$INDEX_ALLOCATION",
    "..\\escape",
    "a/b",
    "../../etc/passwd",
  ])("with an entry named %j", async (name) => {
    const failure = await fetchTree(treeData([["100644", name, oid]]), [entry("blob", blob)]);
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toContain(`has an entry named ${JSON.stringify(name)}`);
  });

  it.each([
    [
      "a name twice",
      treeData([
        ["100644", "a", oid],
        ["120000", "a", oid],
      ]),
      'two entries named "a"',
    ],
    ["an unknown mode", treeData([["100000", "a", oid]]), 'the unknown mode "100000"'],
    ["a folder cut short", treeData([["100644", "a", oid]]).subarray(0, 20), "is cut short"],
    ["no content for a name", treeData([["100644", "a", "1".repeat(40)]]), 'content of "a" is missing'],
    ["a folder for a file", treeData([["40000", "a", oid]]), "is a blob, not a tree"],
  ])("with %s", async (_, root, message) => {
    const failure = await fetchTree(root, [entry("blob", blob)]);
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toContain(message);
  });

  it("that unfolds into ten thousand million files", async () => {
    let data = treeData([["100644", "f", oid]]);
    const trees = [entry("tree", data)];
    for (let level = 0; level < 10; level++) {
      const inner = nameOf("tree", data);
      data = treeData(Array.from({ length: 10 }, (_, n) => ["40000", `d${n}`, inner] as const));
      trees.push(entry("tree", data));
    }
    const failure = await fetchTree(data, [...trees.slice(0, -1), entry("blob", blob)]);
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.message).toMatch(/more than \d+ files/);
  });

  it("with a million names in one folder", async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, n) => ["100644", `${n}`, oid] as const);
    const failure = await fetchTree(treeData(lines), [entry("blob", blob)]);
    expect(failure.code).toBe("InputTooLarge");
  });

  it("with folders a thousand deep", async () => {
    let data = treeData([["100644", "f", oid]]);
    const trees = [entry("blob", blob), entry("tree", data)];
    for (let level = 0; level < 1000; level++) {
      data = treeData([["40000", "d", nameOf("tree", data)]]);
      trees.push(entry("tree", data));
    }
    const failure = await fetchTree(data, trees.slice(0, -1));
    expect(failure.code).toBe("InputTooLarge");
    expect(failure.message).toContain("levels of folders");
  });

  const small = entry("blob", blob);
  it.each([
    ["says it holds a million objects", pack([small], 1_000_000), "InputTooLarge", /more than \d+ objects/],
    ["says it holds more than it does", pack([small], 2), "SourceInvalid", /broken pack/],
    ["holds more than it says", pack([small, small], 1), "SourceInvalid", /holds more than its objects/],
    ["holds an object larger than it says", pack([entry("blob", Buffer.alloc(1e6), 10)]), "SourceInvalid", /inflate/],
    ["holds an object smaller than it says", pack([entry("blob", blob, 1e6)]), "SourceInvalid", /inflate/],
    ["says an object has 8 GiB", pack([entry("blob", blob, 8 * 1024 ** 3)]), "InputTooLarge", /when unpacked/],
    ["is no pack", Buffer.from("this is not a pack, and much too short to be anything"), "SourceInvalid", /checksum/],
    ["is empty", Buffer.alloc(0), "SourceInvalid", /ends too early/],
    ["has the wrong checksum", flip(pack([small])), "SourceInvalid", /checksum/],
    [
      "has a delta on nothing",
      pack([namedDelta("1".repeat(40), deltaData(9, 9, [0x90, 9]))]),
      "SourceInvalid",
      /no base/,
    ],
    [
      "has a delta before its start",
      pack([offsetDelta(500, deltaData(9, 9, [0x90, 9]))]),
      "SourceInvalid",
      /base outside/,
    ],
    [
      "has a delta on another object",
      pack([small, offsetDelta(small.length, deltaData(8, 8, [0x90, 8]))]),
      "SourceInvalid",
      /does not fit/,
    ],
    [
      "copies from beyond the base",
      pack([small, offsetDelta(small.length, deltaData(9, 99, [0x90, 99]))]),
      "SourceInvalid",
      /beyond/,
    ],
    [
      "inserts more than it has",
      pack([small, offsetDelta(small.length, deltaData(9, 99, [99, 1]))]),
      "SourceInvalid",
      /beyond/,
    ],
    [
      "has an unknown instruction",
      pack([small, offsetDelta(small.length, deltaData(9, 9, [0]))]),
      "SourceInvalid",
      /unknown instruction/,
    ],
    [
      "a delta produces less than it declares",
      pack([small, offsetDelta(small.length, deltaData(9, 9, [0x90, 8]))]),
      "SourceInvalid",
      /less than/,
    ],
    [
      "makes 60 GiB of nine bytes",
      pack([small, offsetDelta(small.length, deltaData(9, 60 * 1024 ** 3, [0x90, 9]))]),
      "SourceInvalid",
      /more than/,
    ],
  ])("whose pack %s", async (_, sent, code, message) => {
    const failure = await fetchPack("2".repeat(40), sent);
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(message);
  });

  it("whose pack has a chain of a thousand deltas", async () => {
    const entries = [small];
    for (let n = 0; n < 1000; n++) {
      const last = entries.at(-1) ?? small;
      entries.push(offsetDelta(last.length, deltaData(9, 9, [0x90, 9])));
    }
    const failure = await fetchPack("2".repeat(40), pack(entries));
    expect(failure.code).toBe("SourceInvalid");
  });

  it("whose pack does not hold the commit", async () => {
    const failure = await fetchPack("2".repeat(40), pack([small]));
    expect(failure.code).toBe("SourceInvalid");
    expect(failure.message).toContain(`commit ${"2".repeat(40)} is missing`);
  });
});

function line(text: string): string {
  return (text.length + 4).toString(16).padStart(4, "0") + text;
}

function sideBand(data: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < data.length; at += 65_515) {
    const piece = data.subarray(at, at + 65_515);
    pieces.push(Buffer.from(`${(piece.length + 5).toString(16).padStart(4, "0")}\x01`), piece);
  }
  return [...pieces, Buffer.from("0000")];
}

function flip(data: Buffer): Buffer {
  const changed = Buffer.from(data);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}
