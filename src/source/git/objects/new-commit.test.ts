import { inflateSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { writePackFile } from "../packs/pack-file.ts";
import { indexPack } from "../packs/pack-index.ts";
import { parseCommit } from "./commit.ts";
import { defaultLimits } from "./limits.ts";
import { type CommitDraft, commitPack, writeCommit } from "./new-commit.ts";
import { objectStore } from "./object-store.ts";

const draft: CommitDraft = {
  tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  parent: "1111111111111111111111111111111111111111",
  author: { name: "Mooring", email: "mooring@example.com" },
  date: new Date("2023-11-14T22:13:20Z"),
  message: "Return to a1b2c3",
};

describe("a commit", () => {
  test("is written as git writes it", () => {
    expect(writeCommit(draft).data.toString()).toBe(
      [
        "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "parent 1111111111111111111111111111111111111111",
        "author Mooring <mooring@example.com> 1700000000 +0000",
        "committer Mooring <mooring@example.com> 1700000000 +0000",
        "",
        "Return to a1b2c3",
        "",
      ].join("\n"),
    );
  });

  // `git hash-object -t commit` of the lines above.
  test("has the name that git gives it", () => {
    expect(writeCommit(draft).oid).toBe("63f37cfd775b7b954060a7fddfb1d29c3d8e27cc");
  });

  test("of the same draft is the same, and of another another", () => {
    expect(writeCommit({ ...draft }).oid).toBe(writeCommit(draft).oid);
    const others = [
      { ...draft, message: "x" },
      { ...draft, parent: "2".repeat(40) },
      { ...draft, date: new Date("2023-11-14T22:13:21Z") },
    ];
    const names = [draft, ...others].map((each) => writeCommit(each).oid);
    expect(new Set(names).size).toBe(4);
  });

  test.each([
    ["brackets", { name: "A <b@c> 0", email: "x>y<z" }, { name: "A b@c 0", email: "xyz" }],
    ["line breaks", { name: "A\nparent 2", email: "a\nb" }, { name: "Aparent 2", email: "ab" }],
    ["ends of text", { name: "A\0B", email: " a@b " }, { name: "AB", email: "a@b" }],
    ["nothing", { name: "", email: "" }, { name: "", email: "" }],
  ])("cannot be forged by a name of %s", (_, author, written) => {
    const commit = writeCommit({ ...draft, author });
    const { info, tree } = parseCommit(commit.data);
    expect(tree).toBe(draft.tree);
    expect(info.author).toEqual(written);
    expect(info.subject).toBe("Return to a1b2c3");
    expect(commit.data.toString().split("\n\n")[0]?.split("\n")).toHaveLength(4);
  });

  test("ends with one line break, whatever its message ends with", () => {
    const { data } = writeCommit({ ...draft, message: "Subject\n\nBody\n\n\n" });
    expect(data.toString().endsWith("+0000\n\nSubject\n\nBody\n")).toBe(true);
  });
});

describe("a pack of commits", () => {
  test.each([0, 1, 3])("of %i holds them, by their names", async (count) => {
    const commits = Array.from({ length: count }, (_, n) => writeCommit({ ...draft, message: `${n}`.repeat(9_000) }));
    async function* pieces() {
      yield commitPack(commits);
    }
    const pack = await writePackFile(pieces(), undefined, 1_000_000);
    onTestFinished(() => pack.close());
    const index = await indexPack(pack, defaultLimits, new AbortController().signal);
    const objects = objectStore([{ pack, index }], defaultLimits);
    expect([...index.keys()]).toEqual(commits.map(({ oid }) => oid));
    for (const { oid, data } of commits) expect((await objects.read(oid, "commit")).equals(data)).toBe(true);
  });

  test("is of version 2, and deflated", () => {
    const commit = writeCommit(draft);
    const pack = commitPack([commit]);
    expect(pack.subarray(0, 12).toString("hex")).toBe("5041434b0000000200000001");
    expect(inflateSync(pack.subarray(14)).equals(commit.data)).toBe(true);
  });
});
