import { describe, expect, test } from "vitest";
import { entry, nameOf, pack } from "../../../test/source/objects/pack-builder.ts";
import { followsOn } from "./ancestry.ts";
import { defaultLimits } from "./objects/limits.ts";
import { unlimitedRoom } from "./packs/disk-room.ts";
import type { PackRequest } from "./wire/upload-pack.ts";

const never = new AbortController().signal;
const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const person = "A <a@example.com> 1700000000 +0000";

/** A history, from its first commit on: each of a subject and the subjects of its parents. */
function historyOf(...lines: readonly (readonly [subject: string, ...parents: readonly string[]])[]) {
  const commits = new Map<string, { readonly oid: string; readonly data: Buffer }>();
  const oidOf = (subject: string) => commits.get(subject)?.oid ?? nameOf("commit", Buffer.from(subject));
  for (const [subject, ...parents] of lines) {
    const headers = parents.map((parent) => `parent ${oidOf(parent)}\n`).join("");
    const data = Buffer.from(`tree ${tree}\n${headers}author ${person}\ncommitter ${person}\n\n${subject}\n`);
    commits.set(subject, { oid: nameOf("commit", data), data });
  }
  return { oidOf, pack: pack([...commits.values()].map(({ data }) => entry("commit", data))) };
}

const follows = async (older: string, newer: string, history: ReturnType<typeof historyOf>) => {
  const requests: PackRequest[] = [];
  async function* requestPack(request: PackRequest): AsyncGenerator<Uint8Array> {
    requests.push(request);
    yield history.pack;
  }
  const place = { cacheDir: undefined, room: unlimitedRoom };
  const [from, to] = [history.oidOf(older), history.oidOf(newer)];
  const found = await followsOn(from, to, { requestPack, place, limits: defaultLimits }, never);
  expect(requests).toEqual([{ want: to, haves: [from], depth: 100, commitsOnly: true }]);
  return found;
};

// The server leaves out the older commit, which is here already: only its children name it.
describe("a branch follows on what it was", () => {
  test.each([
    ["one commit later", historyOf(["new", "old"]), true],
    ["some commits later", historyOf(["one", "old"], ["two", "one"], ["new", "two"]), true],
    ["by a merge of it", historyOf(["other", "root"], ["new", "other", "old"]), true],
    ["by a merge into it", historyOf(["side", "root"], ["new", "old", "side"]), true],
    ["where both sides of a merge lead to it", historyOf(["a", "old"], ["b", "old"], ["new", "a", "b"]), true],
    ["not where it was rewritten", historyOf(["root"], ["new", "root"]), false],
    ["not where it was replaced by a first commit", historyOf(["new"]), false],
    ["not where it went back", historyOf(["new", "before"]), false],
    ["not where it is further back than was sent", historyOf(["one", "long ago"], ["new", "one"]), false],
  ])("%s", async (_, history, expected) => {
    expect(await follows("old", "new", history)).toBe(expected);
  });

  test("also where many merges lead to the same commits", async () => {
    const lines: [string, ...string[]][] = [["0"]];
    for (let n = 1; n <= 60; n++)
      lines.push(
        [`${n}a`, n === 1 ? "0" : `${n - 1}`],
        [`${n}b`, n === 1 ? "0" : `${n - 1}`],
        [`${n}`, `${n}a`, `${n}b`],
      );
    expect(await follows("never", "60", historyOf(...lines))).toBe(false);
  });
});
