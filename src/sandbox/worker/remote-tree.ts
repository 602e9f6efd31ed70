import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { isObject } from "../../model/json/json.ts";
import type { Look, TreeAnswer, TreeQuestion } from "./protocol.ts";

/** Folders with more in them are not told whole with a look: most of it would not be asked for. */
const mostWithin = 100;

/** Answers a question about a tree. Throws as the tree does. */
export async function answerTo(tree: FileTree, { about, path }: TreeQuestion): Promise<TreeAnswer> {
  if (about === "read") return tree.read(path);
  if (about === "list") return tree.list(path);
  const entry = path === "" ? ({ kind: "directory" } as const) : await tree.entry(path);
  if (entry?.kind !== "directory") return { entry };
  const names = await tree.list(path);
  if (names.length > mostWithin) return { entry };
  const within = await Promise.all(
    names.map(async (name) => [name, await tree.entry(path === "" ? name : `${path}/${name}`)] as const),
  );
  return { entry, within: within.flatMap(([name, found]) => (found === undefined ? [] : [[name, found] as const])) };
}

/** A tree in another process. Each folder that something is looked for in is asked about once. */
export function askedTree(ask: (question: TreeQuestion) => Promise<TreeAnswer>): FileTree {
  const looks = new Map<string, Promise<Look>>();
  const look = (path: string): Promise<Look> => {
    const asked = looks.get(path) ?? ask({ about: "look", path }).then(asLook);
    looks.set(path, asked);
    return asked;
  };
  return {
    async entry(path) {
      if (path === "") return { kind: "directory" };
      const slash = path.lastIndexOf("/");
      const folder = await look(path.slice(0, Math.max(0, slash)));
      if (folder.entry?.kind !== "directory") return undefined;
      if (folder.within === undefined) return (await look(path)).entry;
      const name = path.slice(slash + 1);
      // What was fetched from elsewhere is there without being listed: a folder of the repository holds what it held.
      return folder.within.find(([each]) => each === name)?.[1] ?? (await look(path)).entry;
    },
    async read(path) {
      const answer = await ask({ about: "read", path });
      if (answer instanceof Uint8Array) return answer;
      throw unfit();
    },
    async list(path) {
      const whole = (await looks.get(path))?.within;
      if (whole !== undefined) return whole.map(([name]) => name);
      const answer = await ask({ about: "list", path });
      if (Array.isArray(answer)) return answer;
      throw unfit();
    },
  };
}

function asLook(answer: TreeAnswer): Look {
  if (isObject(answer)) return answer as Look;
  throw unfit();
}

function unfit(): Failure {
  return new Failure("Bug", { message: "a query about a file tree got an answer of another type" });
}
