import type { EnvironmentSpec } from "../../api/environment/environment-spec.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { writeJson } from "../../model/json/json.ts";
import { type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import type { Remotes } from "../../model/remote.ts";
import { isResources, recordingTree, type Trace } from "../../render/index.ts";
import {
  type DataTemplates,
  decryptManifests,
  type RenderedItem,
  renderTemplatesHere,
  sopsKeys,
} from "../../seal/index.ts";
import { type BuildRequest, buildHere, type SopsItems } from "../stages/build.ts";
import { findStageRemotes } from "../stages/stages.ts";

/** What a worker can do. All of it is plain data. */
export type Task =
  /** Answers with parts of the trace and of the manifests, and with how long these are. */
  | { readonly kind: "build"; readonly request: BuildRequest }
  /** Answers with parts of the trace, and with the references. */
  | { readonly kind: "remotes"; readonly spec: EnvironmentSpec; readonly remotes: Remotes }
  /** Answers with a name and what its template gives, for each. */
  | { readonly kind: "templates"; readonly data: DataTemplates }
  /** Answers with the manifests, in order. */
  | { readonly kind: "decrypt"; readonly manifests: readonly Manifest[]; readonly sops: SopsItems | undefined }
  /** Answers with a boolean. */
  | { readonly kind: "isResources"; readonly content: Uint8Array };

/** Large answers go in parts of about so many characters, each of which is read in a moment. */
const partLength = 64 * 1024;

/** Does a task; `give` is called with each part of the answer. Throws as what is done does. */
export async function doTask(task: Task, tree: FileTree, give: (part: unknown) => void): Promise<void> {
  switch (task.kind) {
    case "build": {
      const { manifests, trace } = await buildHere(tree, task.request);
      giveTrace(trace, give);
      give({ size: giveAll(manifests, give) });
      return;
    }
    case "remotes": {
      const trace = new Map<string, string>();
      const found = await findStageRemotes(recordingTree(tree, trace), task.spec, task.remotes);
      giveTrace(trace, give);
      for (const reference of found) give({ reference });
      return;
    }
    case "decrypt": {
      const keys = task.sops === undefined ? undefined : sopsKeys(task.sops);
      giveAll(await decryptManifests(task.manifests, keys), give);
      return;
    }
    case "templates":
      for (const each of await renderTemplatesHere(task.data)) give(withoutDetail(each));
      return;
    case "isResources":
      give(isResources(task.content));
  }
}

function giveTrace(trace: Trace, give: (part: unknown) => void): void {
  for (const part of inParts([...trace], ([question, answer]) => question.length + answer.length))
    give({ trace: part });
}

/** Gives the manifests, and says how long they are together, in characters of JSON. */
function giveAll(manifests: readonly Manifest[], give: (part: unknown) => void): number {
  const lengths = lengthsOf(manifests);
  for (const part of inParts(manifests, (manifest) => lengths.get(manifest) ?? 0)) give({ manifests: part });
  return [...lengths.values()].reduce((all, length) => all + length, 0);
}

/** etcd takes no object over 1.5 MiB, and the agent holds all objects of all environments. */
const longestObject = 4 * 2 ** 20;
const longestContent = 64 * 2 ** 20;

/** How long objects are, as JSON. Throws `Failure` (InputTooLarge) for what no cluster takes, and no agent can hold. */
function lengthsOf(manifests: readonly Manifest[]): ReadonlyMap<Manifest, number> {
  const lengths = new Map<Manifest, number>();
  let all = 0;
  for (const manifest of manifests) {
    const { length } = writeJson(manifest.object);
    lengths.set(manifest, length);
    all += length;
    const place = { ...placeOf(manifest.origin), object: describeId(manifest.id) };
    if (length > longestObject) {
      const message = "is larger than 4 MiB; the API server accepts no object over 1.5 MiB";
      throw new Failure("InputTooLarge", { ...place, message, hint: "split it, or keep the data elsewhere" });
    }
    if (all <= longestContent) continue;
    const message = "with it, all objects together exceed 64 MiB";
    throw new Failure("InputTooLarge", { ...place, message, hint: "split the Environment into several" });
  }
  return lengths;
}

/** Why a template went wrong over the values is decided by these, and leaves the worker no more than they do. */
function withoutDetail([name, rendered]: readonly [string, RenderedItem]): readonly [string, RenderedItem] {
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
