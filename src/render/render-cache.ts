import { createHash } from "node:crypto";
import type { FileTree, TreeEntry } from "../model/file-tree.ts";
import { type Rendered, type RenderOptions, render } from "./render.ts";

/** Builds that remember what they came to. */
export interface RenderCache {
  /**
   * As `render`, but where nothing that the last build of the same path and options looked at has changed since, in
   * whatever tree, that build's answer itself. What a build failed with is not remembered.
   */
  render(tree: FileTree, path: string, options?: RenderOptions): Promise<Rendered>;
}

/** What a build looked at: the answers of the tree, in a form that is equal for equal answers. */
type Trace = ReadonlyMap<string, string>;

/**
 * Makes a cache that keeps the last `limit` builds. An unchanged folder then costs a look at the ids of the files and
 * folders it was built from, and no reading where the tree knows such ids.
 */
export function createRenderCache(limit = 64): RenderCache {
  const kept = new Map<string, { readonly trace: Trace; readonly rendered: Rendered }>();
  return {
    async render(tree, path, options = {}) {
      const { helm, remotes = [], ...others } = options;
      const key = JSON.stringify([path, others, helm !== undefined, [...remotes]]);
      const known = kept.get(key);
      kept.delete(key);
      if (known !== undefined && (await stillHolds(tree, known.trace))) {
        kept.set(key, known);
        return known.rendered;
      }
      const trace = new Map<string, string>();
      const rendered = await render(recording(tree, trace), path, options);
      kept.set(key, { trace, rendered });
      for (const oldest of kept.keys()) if (kept.size > limit) kept.delete(oldest);
      return rendered;
    },
  };
}

function recording(tree: FileTree, trace: Map<string, string>): FileTree {
  return {
    async entry(path) {
      const entry = await tree.entry(path);
      trace.set(`entry ${path}`, describeEntry(entry));
      return entry;
    },
    async read(path) {
      const content = await tree.read(path);
      trace.set(`read ${path}`, digest(content));
      return content;
    },
    async list(path) {
      const names = await tree.list(path);
      trace.set(`list ${path}`, JSON.stringify(names));
      return names;
    },
  };
}

async function stillHolds(tree: FileTree, trace: Trace): Promise<boolean> {
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
  if (question === "list") return JSON.stringify(await tree.list(path));
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

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
