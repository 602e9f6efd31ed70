import { createHash } from "node:crypto";
import type { FileTree, TreeEntry } from "../../model/file-tree.ts";

/** What a build looked at: the answers of the tree, in a form that is equal for equal answers. */
export type Trace = ReadonlyMap<string, string>;

/** The tree threw. Holds only where the tree would throw again: for a file with the same id. */
const noAnswer = "none";

/** The tree; every answer that it gives is noted in the trace. */
export function recordingTree(tree: FileTree, trace: Map<string, string>): FileTree {
  return {
    async entry(path) {
      const entry = await tree.entry(path);
      trace.set(`entry ${path}`, describeEntry(entry));
      return entry;
    },
    async read(path) {
      trace.set(`read ${path}`, noAnswer);
      const content = await tree.read(path);
      trace.set(`read ${path}`, digest(content));
      return content;
    },
    async list(path) {
      trace.set(`list ${path}`, noAnswer);
      const names = await tree.list(path);
      trace.set(`list ${path}`, digest(JSON.stringify(names)));
      return names;
    },
  };
}

/**
 * Whether a tree, perhaps another one, gives all the answers of a trace. Costs a look at the ids of files and folders, and
 * no reading where the tree knows such ids.
 */
export async function traceHolds(tree: FileTree, trace: Trace): Promise<boolean> {
  for (const [question, answer] of trace) {
    const space = question.indexOf(" ");
    const path = question.slice(space + 1);
    const now = await ask(tree, question.slice(0, space), path, trace);
    if (now !== answer) return false;
  }
  return true;
}

async function ask(tree: FileTree, question: string, path: string, trace: Trace): Promise<string | undefined> {
  const entry = await tree.entry(path);
  if (question === "entry") return describeEntry(entry);
  if (entry === undefined) return undefined;
  if (question === "list")
    return entry.kind === "directory" ? digest(JSON.stringify(await tree.list(path))) : undefined;
  if (entry.kind === "directory") return undefined;
  // The same id is the same content.
  const before = trace.get(`entry ${path}`);
  if (entry.oid !== undefined && before === describeEntry(entry)) return trace.get(`read ${path}`);
  return digest(await tree.read(path));
}

/** A directory's own id changes with all below it, which is asked about by itself. */
function describeEntry(entry: TreeEntry | undefined): string {
  if (entry === undefined) return "none";
  return entry.kind === "directory" ? "directory" : `${entry.kind} ${entry.oid ?? ""}`;
}

function digest(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
