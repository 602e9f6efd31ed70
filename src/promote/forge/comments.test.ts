import { expect, test } from "vitest";
import { type KnownComment, upsertComment } from "./comments.ts";

const marker = "<!-- mooring plan -->";
const [me, stranger] = [7, 8];

/** A forge's comments, and all that was done to them. */
function forge(before: readonly KnownComment[], self: number | undefined) {
  const all = [...before];
  const deeds: string[] = [];
  return {
    deeds,
    list: async () => [...all],
    create: async (text: string) => {
      deeds.push(`create ${text.slice(marker.length + 1)}`);
      all.push({ id: 99, text, author: me });
      return { id: 99, author: me };
    },
    edit: async (id: number, text: string) => void deeds.push(`edit ${id} ${text.slice(marker.length + 1)}`),
    remove: async (id: number) => void deeds.push(`remove ${id}`),
    self: async () => self,
  };
}
const old = (id: number, author: number | undefined, body = "Old") => ({ id, author, text: `${marker}\r\n${body}` });

test.each<[string, readonly KnownComment[], number | undefined, readonly string[]]>([
  ["none", [], me, ["create New"]],
  ["one's own", [old(1, me)], me, ["edit 1 New"]],
  ["one's own that says so", [old(1, me, "New\n")], me, []],
  ["a stranger's", [old(1, stranger)], me, ["create New"]],
  ["a stranger's that says so", [old(1, stranger, "New")], me, ["create New"]],
  ["a stranger's before one's own", [old(1, stranger), old(2, me)], me, ["edit 2 New"]],
  ["nobody's", [old(1, undefined)], undefined, ["create New"]],
  ["a stranger's, for a token that does not know whose it is", [old(1, stranger)], undefined, ["create New"]],
  ["one's own, for such a token", [old(1, stranger), old(2, me)], undefined, ["create New", "remove 99", "edit 2 New"]],
  ["one's own that says so, for such a token", [old(2, me, "New")], undefined, ["create New", "remove 99"]],
])("of comments under the marker, only one's own is edited: %s", async (_, before, self, deeds) => {
  const comments = forge(before, self);
  await upsertComment(comments, marker, "New");
  expect(comments.deeds).toEqual(deeds);
});
