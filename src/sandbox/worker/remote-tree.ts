import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { isObject } from "../../model/json/json.ts";
import type { EntryReply, TreeQuery, TreeReply } from "./protocol.ts";

/** Children of larger folders are not sent along: most would not be needed. */
const mostChildren = 100;

/** Replies to a query about a tree. Throws as the tree does. */
export async function replyTo(tree: FileTree, { about, path }: TreeQuery): Promise<TreeReply> {
  if (about === "read") return tree.read(path);
  if (about === "list") return tree.list(path);
  const entry = path === "" ? ({ kind: "directory" } as const) : await tree.entry(path);
  if (entry?.kind !== "directory") return { entry };
  const names = await tree.list(path);
  if (names.length > mostChildren) return { entry };
  const children = await Promise.all(
    names.map(async (name) => [name, await tree.entry(path === "" ? name : `${path}/${name}`)] as const),
  );
  return {
    entry,
    children: children.flatMap(([name, found]) => (found === undefined ? [] : [[name, found] as const])),
  };
}

/** A tree in another process. There is one query for each folder in which something is looked up. */
export function remoteTree(query: (query: TreeQuery) => Promise<TreeReply>): FileTree {
  const entries = new Map<string, Promise<EntryReply>>();
  const entryAt = (path: string): Promise<EntryReply> => {
    const reply = entries.get(path) ?? query({ about: "entry", path }).then(asEntry);
    entries.set(path, reply);
    return reply;
  };
  return {
    async entry(path) {
      if (path === "") return { kind: "directory" };
      const slash = path.lastIndexOf("/");
      const folder = await entryAt(path.slice(0, Math.max(0, slash)));
      if (folder.entry?.kind !== "directory") return undefined;
      if (folder.children === undefined) return (await entryAt(path)).entry;
      const name = path.slice(slash + 1);
      // What was fetched from elsewhere is there without being listed: a folder of the repository holds what it held.
      return folder.children.find(([each]) => each === name)?.[1] ?? (await entryAt(path)).entry;
    },
    async read(path) {
      const reply = await query({ about: "read", path });
      if (reply instanceof Uint8Array) return reply;
      throw unexpectedReply();
    },
    async list(path) {
      const whole = (await entries.get(path))?.children;
      if (whole !== undefined) return whole.map(([name]) => name);
      const reply = await query({ about: "list", path });
      if (Array.isArray(reply)) return reply;
      throw unexpectedReply();
    },
  };
}

function asEntry(reply: TreeReply): EntryReply {
  if (isObject(reply)) return reply as EntryReply;
  throw unexpectedReply();
}

function unexpectedReply(): Failure {
  return new Failure("Bug", { message: "a query about a file tree got an answer of another type" });
}
