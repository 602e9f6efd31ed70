import type { EnvironmentSpec } from "../api/environment-spec.ts";
import type { FileTree } from "../model/file-tree.ts";
import { writeJson } from "../model/json.ts";
import type { Remotes } from "../model/remote.ts";
import { isResources } from "../render/index.ts";
import { type DataTemplates, type Rendered, renderTemplatesHere } from "../seal/index.ts";
import { type BuildRequest, buildHere } from "./build.ts";
import { findStageRemotes } from "./stages.ts";

/** What a worker can do. All of it is plain data. */
export type Task =
  /** Answers with parts of the trace and of the manifests. */
  | { readonly kind: "build"; readonly request: BuildRequest }
  /** Answers with the references. */
  | { readonly kind: "remotes"; readonly spec: EnvironmentSpec; readonly remotes: Remotes }
  /** Answers with a name and what its template gives, for each. */
  | { readonly kind: "templates"; readonly data: DataTemplates }
  /** Answers with a boolean. */
  | { readonly kind: "isResources"; readonly content: Uint8Array };

/** Large answers go in parts of about so many characters, each of which is read in a moment. */
const partLength = 64 * 1024;

/** Does a task; `give` is called with each part of the answer. Throws as what is done does. */
export async function doTask(task: Task, tree: FileTree, give: (part: unknown) => void): Promise<void> {
  switch (task.kind) {
    case "build": {
      const { manifests, trace } = await buildHere(tree, task.request);
      for (const part of inParts([...trace], ([question, answer]) => question.length + answer.length)) {
        give({ trace: part });
      }
      for (const part of inParts(manifests, ({ object }) => writeJson(object).length)) give({ manifests: part });
      return;
    }
    case "remotes":
      for (const reference of await findStageRemotes(tree, task.spec, task.remotes)) give(reference);
      return;
    case "templates":
      for (const each of await renderTemplatesHere(task.data)) give(withoutWhy(each));
      return;
    case "isResources":
      give(isResources(task.content));
  }
}

/** Why a template went wrong over the values is decided by these, and leaves the worker no more than they do. */
function withoutWhy([name, rendered]: readonly [string, Rendered]): readonly [string, Rendered] {
  return [name, "problem" in rendered ? { problem: rendered.problem } : rendered];
}

function* inParts<Item>(items: readonly Item[], lengthOf: (item: Item) => number): Generator<readonly Item[]> {
  let part: Item[] = [];
  let length = 0;
  for (const item of items) {
    part.push(item);
    length += lengthOf(item);
    if (length < partLength) continue;
    yield part;
    part = [];
    length = 0;
  }
  if (part.length > 0) yield part;
}
