import { expect, test } from "vitest";
import { headerOf, parseCommit, parseHeaded } from "./commit.ts";

const tree = "a".repeat(40);
const commit = (...lines: readonly string[]) => Buffer.from([`tree ${tree}`, ...lines].join("\n"));

test("a commit is taken apart", () => {
  const { info, tree: root } = parseCommit(
    commit(
      "parent 1111111111111111111111111111111111111111",
      "author Ada Lovelace <ada@example.com> 1700000000 +0100",
      "committer Bot <> 1700000060 -0500",
      "gpgsig -----BEGIN PGP SIGNATURE-----",
      " ",
      " abc",
      " -----END PGP SIGNATURE-----",
      "",
      "Add web (#7)",
      "",
      "tree is not a header here",
      "",
    ),
  );
  expect(root).toBe(tree);
  expect(info).toEqual({
    author: { name: "Ada Lovelace", email: "ada@example.com" },
    committer: { name: "Bot", email: "" },
    date: "2023-11-14T22:14:20.000Z",
    subject: "Add web (#7)",
    message: "Add web (#7)\n\ntree is not a header here\n",
  });
});

test.each([
  [
    "no message",
    commit("author A <a> 1 +0000", "committer A <a> 1 +0000", ""),
    { subject: "", date: "1970-01-01T00:00:01.000Z" },
  ],
  ["no people", commit("", "Subject"), { subject: "Subject", author: { name: "", email: "" } }],
  [
    "a date from beyond time",
    commit("committer A <a> 999999999999999 +0000", "", "x"),
    { date: "1970-01-01T00:00:00.000Z" },
  ],
  ["empty lines first", commit("", "", "", "Subject"), { subject: "Subject" }],
])("a commit with %s is read as far as it goes", (_, data, expected) => {
  expect(parseCommit(data).info).toMatchObject(expected);
});

test("a commit without a tree is broken", () => {
  expect(() => parseCommit(Buffer.from("author A <a> 1 +0000\n\nx"))).toThrow("a commit has no tree");
  expect(() => parseCommit(Buffer.from("tree ../../etc\n\nx"))).toThrow("a commit has no tree");
});

test("the lines of a long header belong together", () => {
  const parsed = parseHeaded(Buffer.from("object 1\nlong a\n b\n c\ntag v1\n\nmessage\n"));
  expect(headerOf(parsed, "long")).toBe("a\nb\nc");
  expect(headerOf(parsed, "tag")).toBe("v1");
  expect(headerOf(parsed, "none")).toBeUndefined();
});
